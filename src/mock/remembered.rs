//! What a session remembers, by vendor.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use super::account::Account;
use super::image;
use crate::ledger::{AccountChange, StoredAccount, StoredSession};
use crate::plan::Plan;

/// By position of the plan; what nobody asked for is not made.
pub(super) type Accounts = Vec<OnceLock<Account>>;

/// What a session remembers.
#[derive(Debug)]
pub(super) struct State {
    /// The vendors.
    pub plans: Arc<[Arc<Plan>]>,
    /// What vendors remember.
    pub accounts: Accounts,
    /// When fixtures of accounts that nobody asked for yet came to be.
    pub began: Timestamp,
    /// What their generated values are made from.
    pub seed: u64,
}

impl State {
    /// The account at a vendor, made of its fixtures on first use.
    pub(super) fn account(&self, vendor: usize) -> Option<&Account> {
        let plan = self.plans.get(vendor)?;
        let place = self.accounts.get(vendor)?;
        Some(place.get_or_init(|| Account::new(plan, self.seed, self.began)))
    }

    /// The accounts that were written down, or have to be now.
    pub(super) fn written(&mut self) -> impl Iterator<Item = (&Arc<Plan>, &mut Account)> {
        let accounts = self.accounts.iter_mut().map(OnceLock::get_mut);
        let accounts = self.plans.iter().zip(accounts);
        accounts.filter_map(|(plan, account)| Some((plan, account.filter(|one| one.written)?)))
    }

    /// The accounts that a stored session has, or none yet.
    pub(super) fn restore(
        plans: &[Arc<Plan>],
        began: Timestamp,
        stored: &StoredSession,
    ) -> Accounts {
        let account = |plan: &Arc<Plan>| {
            let stored_account = stored.accounts.get(&plan.service.vendor)?;
            if !stored_account.untouched {
                return Some(image::restored(plan, stored_account));
            }
            let mut account = Account::new(plan, stored.made.seed, began);
            account.windows = image::restored_windows(stored_account);
            Some(account)
        };
        let place = |plan| account(plan).map_or_else(OnceLock::new, OnceLock::from);
        plans.iter().map(place).collect()
    }

    /// Does again what changed of a vendor elsewhere; gives the account that is no more.
    pub(super) fn follow(&mut self, vendor: &str, change: AccountChange) -> Option<Account> {
        let at = self.plans.iter().position(|plan| *plan.service.vendor == *vendor)?;
        let plan = self.plans.get(at)?.clone();
        if change.gone {
            return self.put(at, None);
        }
        if change.whole {
            let stored = StoredAccount::of_whole(change);
            return self.put(at, Some(image::restored(&plan, &stored)));
        }
        image::follow(&plan, self.account_mut(at)?, change);
        None
    }

    pub(super) fn account_mut(&mut self, vendor: usize) -> Option<&mut Account> {
        self.account(vendor)?;
        self.accounts.get_mut(vendor)?.get_mut()
    }

    /// Puts another account, or none, in the place of the one at a vendor; gives that.
    pub(super) fn put(&mut self, vendor: usize, account: Option<Account>) -> Option<Account> {
        let place = self.accounts.get_mut(vendor)?;
        let fresh = account.map_or_else(OnceLock::new, OnceLock::from);
        std::mem::replace(place, fresh).into_inner()
    }
}
