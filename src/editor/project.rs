//! What `check` finds in a file and in those that belong to it.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::index::Index;
use super::language::Language;
use crate::check::{self, files_below, load_beside, scenario, vendor_of};
use crate::diagnostic::Diagnostic;
use crate::files::{self, held};
use crate::load;
use crate::mock::example;
use crate::model::Service;

/// The folders that are known, and the specs that were checked.
#[derive(Debug, Default)]
pub(super) struct Project {
    /// The folder that the editor was told to open.
    pub(super) root: Option<PathBuf>,
    /// Where the specs are, if the editor says it.
    pub(super) specs: Option<PathBuf>,
    /// The files that were read for their names.
    pub(super) index: Index,
    read: Vec<Rc<Spec>>,
}

/// A spec as it was checked, for as long as its files stay the same.
#[derive(Debug)]
struct Spec {
    /// The files of its folder, and what was in those that are its own.
    beside: Vec<PathBuf>,
    texts: Vec<(PathBuf, Vec<u8>)>,
    /// What is wrong with it, and what is found when its examples are run, if that was asked for.
    found: Vec<Diagnostic>,
    tried: OnceCell<Vec<Diagnostic>>,
    /// What it means, if it has no errors, or else what it meant when it had none.
    service: Option<Arc<Service>>,
    is_right: bool,
}

impl Spec {
    fn has(&self, file: &Path) -> bool {
        self.texts.iter().any(|(path, _)| path == file)
    }

    /// What its examples show, and that no answer can be written: nothing while it has errors.
    fn tried(&self) -> &[Diagnostic] {
        self.tried.get_or_init(|| {
            let service = self.service.iter().filter(|_| self.is_right);
            match load::compile(service.cloned().collect()) {
                Ok(plans) => plans.iter().flat_map(example::run).collect(),
                Err(mistakes) => mistakes,
            }
        })
    }
}

impl Project {
    /// Everything that is wrong with a file, and with those that it is checked together with.
    /// The examples of a spec are run too if they are wanted.
    pub(super) fn check(&mut self, path: &Path, language: Language, run: bool) -> Vec<Diagnostic> {
        match language {
            Language::Spec => self.check_spec(path, run),
            Language::Scenario => self.check_scenarios(path),
            Language::Steps => {
                // Only who includes them can say what is in sight.
                let mut found = Vec::new();
                for scenario in includers(path) {
                    found.extend(self.check_scenarios(&scenario));
                }
                found
            }
        }
    }

    /// Does something with texts that are held only to try them: what is known of the others stays
    /// known.
    pub(super) fn try_texts<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let read = self.read.clone();
        let done = work(self);
        self.read = read;
        done
    }

    /// Does something while files have other texts. These are held as they were afterwards.
    pub(super) fn with_texts<T>(
        &mut self,
        texts: Vec<(&Path, String)>,
        work: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before: Vec<_> = texts.iter().map(|(path, _)| (*path, held::get(path))).collect();
        for (path, text) in texts {
            held::hold(path, Arc::from(text));
        }
        let done = self.try_texts(work);
        for (path, text) in before {
            match text {
                Some(text) => held::hold(path, text),
                None => held::let_go(path),
            }
        }
        done
    }

    /// All that is wrong with the files of a spec and of its scenarios.
    pub(super) fn told(&mut self, files: &[(&Path, Language)], run: bool) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        let mut is_spec_checked = false;
        for (path, language) in files {
            match language {
                // A spec is checked with all of its files, steps with the scenarios that have them.
                Language::Spec if is_spec_checked => continue,
                Language::Steps => continue,
                Language::Spec => is_spec_checked = true,
                Language::Scenario => {}
            }
            found.extend(self.check(path, *language, run));
        }
        found
    }

    /// What the spec of a file means, if it has no errors.
    pub(super) fn right(&mut self, file: &Path) -> Option<Arc<Service>> {
        self.spec(file).filter(|spec| spec.is_right)?.service.clone()
    }

    fn check_spec(&mut self, path: &Path, run: bool) -> Vec<Diagnostic> {
        let Some(spec) = self.spec(path) else { return Vec::new() };
        let mut found = spec.found.clone();
        if run {
            found.extend_from_slice(spec.tried());
        }
        found
    }

    fn check_scenarios(&mut self, path: &Path) -> Vec<Diagnostic> {
        let text = files::read_to_string(path).unwrap_or_default();
        let specs = self.specs_of(path);
        let services = match vendor_of(&text).and_then(|vendor| spec_file(&specs, vendor)) {
            Some(file) => match self.spec(&file).and_then(|spec| spec.service.clone()) {
                Some(service) => vec![service],
                None => {
                    let message = "the spec of the vendor has errors, so this is not checked";
                    return vec![Diagnostic::without_place("spec-with-errors", message).warning()];
                }
            },
            None => check::load(&[specs])
                .map(|loaded| loaded.services.into_iter().map(Arc::new).collect())
                .unwrap_or_default(),
        };
        let options = scenario::Options::CHECK;
        match scenario::load(&[path.to_owned()], &services, options) {
            Ok(loaded) => loaded.warnings,
            Err(mistakes) => mistakes,
        }
    }

    /// The files of the spec that a file is of, or is about.
    pub(super) fn spec_files(&mut self, path: &Path, language: Language) -> Vec<PathBuf> {
        let file = match language {
            Language::Spec => Some(path.to_owned()),
            Language::Scenario | Language::Steps => {
                let about = match language {
                    Language::Steps => includers(path).into_iter().next(),
                    _ => Some(path.to_owned()),
                };
                let about = about.unwrap_or_default();
                let text = files::read_to_string(&about).unwrap_or_default();
                vendor_of(&text).and_then(|vendor| spec_file(&self.specs_of(path), vendor))
            }
        };
        let Some(file) = file else { return Vec::new() };
        // Which files they are is known as long as no other one is added: what is in them matters
        // only to who checks them.
        let beside = beside(&file);
        let is_known = |spec: &&Rc<Spec>| spec.has(&file) && spec.beside == beside;
        let known = self.read.iter().find(is_known).cloned().or_else(|| self.spec(&file));
        let texts = known.iter().flat_map(|spec| &spec.texts);
        texts.map(|(path, _)| path.clone()).collect()
    }

    /// The files of scenarios that are about a spec: those in the folder `scenarios` beside the
    /// specs, and those beside a file.
    pub(super) fn scenario_files(
        &self,
        path: &Path,
        specs: &[PathBuf],
    ) -> Vec<(PathBuf, Language)> {
        let texts = specs.iter().filter_map(|file| files::read_to_string(file).ok());
        let vendors: Vec<String> =
            texts.filter_map(|text| vendor_of(&text).map(str::to_owned)).collect();
        let folder = self.specs_of(path);
        let mut found = folder.parent().map(|above| files_below(&above.join("scenarios")));
        if let Some(beside) = path.parent().filter(|_| !specs.iter().any(|spec| spec == path)) {
            found.get_or_insert_default().extend(files::list(beside).unwrap_or_default());
        }
        let mut found = found.unwrap_or_default();
        found.sort();
        found.dedup();
        let (mut scenarios, mut steps, mut texts) = (Vec::new(), Vec::new(), Vec::new());
        for file in found {
            let text = files::read_to_string(&file).unwrap_or_default();
            match Language::of(&file, &text) {
                Some(Language::Scenario)
                    if vendor_of(&text).is_some_and(|it| vendors.iter().any(|one| one == it)) =>
                {
                    scenarios.push((file, Language::Scenario));
                    texts.push(text);
                }
                Some(Language::Steps) => steps.push((file, Language::Steps)),
                _ => {}
            }
        }
        // Steps say no vendor: they are of those who include them.
        let included = |(file, _): &(PathBuf, Language)| {
            let name = file.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| texts.iter().any(|text| text.contains(name)))
        };
        scenarios.extend(steps.into_iter().filter(included));
        scenarios
    }

    /// The spec of a file as it is now.
    fn spec(&mut self, file: &Path) -> Option<Rc<Spec>> {
        let beside = beside(file);
        let known = self.read.iter().position(|spec| spec.has(file));
        if let Some(spec) = known.and_then(|at| self.read.get(at))
            && spec.beside == beside
            && spec.texts.iter().all(|(path, text)| files::read(path).is_ok_and(|it| it == *text))
        {
            return Some(spec.clone());
        }
        let vendor = load_beside(file, self.is_below(file))?;
        let texts =
            vendor.files.iter().filter_map(|path| Some((path.clone(), files::read(path).ok()?)));
        let texts = texts.collect();
        let before = known.map(|at| self.read.swap_remove(at));
        let mut found = vendor.beside;
        let (service, is_right) = match vendor.checked {
            Ok(checked) => {
                found.extend(checked.warnings);
                (Some(Arc::new(checked.service)), true)
            }
            Err(mistakes) => {
                found.extend(mistakes);
                (before.and_then(|spec| spec.service.clone()), false)
            }
        };
        let tried = OnceCell::new();
        let spec = Rc::new(Spec { beside, texts, found, tried, service, is_right });
        self.read.push(spec.clone());
        Some(spec)
    }

    /// Whether a file is in a folder below that of the specs.
    fn is_below(&self, path: &Path) -> bool {
        let specs = self.specs_of(path);
        path.parent().is_some_and(|folder| folder != specs && folder.starts_with(&specs))
    }

    /// Where the specs for a file are: where the editor says, or in the next folder of that name
    /// beside or above it, or else in the program.
    fn specs_of(&self, path: &Path) -> PathBuf {
        if let Some(specs) = &self.specs {
            return specs.clone();
        }
        let above = path.ancestors().skip(1).chain(self.root.as_deref());
        let mut folders = above.map(|folder| match folder.file_name() {
            Some(name) if name == "specs" => folder.to_owned(),
            _ => folder.join("specs"),
        });
        folders.find(|folder| files::is_folder(folder)).unwrap_or_else(|| files::built_in("specs"))
    }
}

/// The files of the folder of a file.
fn beside(file: &Path) -> Vec<PathBuf> {
    file.parent().and_then(|folder| files::list(folder).ok()).unwrap_or_default()
}

/// A file in which a vendor's spec is.
fn spec_file(specs: &Path, vendor: &str) -> Option<PathBuf> {
    let named = |path: &PathBuf| {
        files::read_to_string(path).is_ok_and(|text| vendor_of(&text) == Some(vendor))
    };
    let usual = specs.join(format!("{vendor}.yaml"));
    if files::exists(&usual) && named(&usual) {
        return Some(usual);
    }
    files_below(specs).into_iter().find(named)
}

/// The files of scenarios near a list of steps that name it.
fn includers(path: &Path) -> Vec<PathBuf> {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return Vec::new() };
    let mut found = Vec::new();
    for folder in path.ancestors().skip(1).take(2) {
        for other in files::list(folder).unwrap_or_default() {
            let is_yaml = other.extension().is_some_and(|end| end == "yaml" || end == "yml");
            if !is_yaml || other == path || files::is_folder(&other) {
                continue;
            }
            let text = files::read_to_string(&other).unwrap_or_default();
            if text.contains(name) && Language::of(&other, &text) == Some(Language::Scenario) {
                found.push(other);
            }
        }
    }
    found
}
