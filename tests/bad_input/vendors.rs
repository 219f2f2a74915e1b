//! The vendors, each with a request that it takes and the form of its errors.

/// A vendor and a request that it takes.
pub(crate) struct Vendor {
    pub(crate) name: &'static str,
    /// The target of the request; `{name}` becomes a name.
    pub(crate) path: &'static str,
    pub(crate) headers: &'static [(&'static str, &'static str)],
    /// The body; `{name}` becomes a name.
    pub(crate) body: &'static str,
    /// The media types of the vendor's errors, each with what the body then holds. An empty media
    /// type stands for an empty body.
    pub(crate) errors: &'static [(&'static str, &'static str)],
}

pub(crate) const VENDORS: &[Vendor] = &[
    Vendor {
        name: "maileon",
        path: "/maileon/1.0/contacts/externalid/{name}",
        headers: &[
            ("Authorization", "Basic bWFpbGVvbi1rZXktMDAwMQ=="),
            ("Content-Type", "application/vnd.maileon.api+xml; charset=utf-8"),
        ],
        body: "<contact><email>{name}@example.com</email></contact>",
        errors: &[("application/vnd.maileon.api+xml", "<message>")],
    },
    Vendor {
        name: "loyaltii",
        path: "/loyaltii/api/v1/Contacts",
        headers: &[("Content-Type", "application/json")],
        body: r#"{"RegistrationSource": "test", "Email": "{name}@example.com", "FirstName": "{name}"}"#,
        errors: &[("application/json; charset=utf-8", "\"Message\"")],
    },
    Vendor {
        name: "cake",
        path: "/cake/api/1/addedit.asmx",
        headers: &[
            ("Content-Type", "text/xml; charset=utf-8"),
            ("SOAPAction", "\"http://cakemarketing.com/api/1/Contact\""),
        ],
        body: concat!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>",
            "<Contact xmlns=\"http://cakemarketing.com/api/1/\"><api_key>cake-key</api_key>",
            "<entity_type>affiliate</entity_type><entity_id>123456</entity_id>",
            "<contact_id>0</contact_id><include_in_mass_email>true</include_in_mass_email>",
            "<contact_first_name>{name}</contact_first_name>",
            "<contact_middle_name></contact_middle_name><contact_last_name>Last</contact_last_name>",
            "<contact_email_address>{name}@example.com</contact_email_address>",
            "<contact_password></contact_password><contact_title></contact_title>",
            "<contact_department_id>0</contact_department_id><contact_phone_work></contact_phone_work>",
            "<contact_phone_cell></contact_phone_cell><contact_phone_fax></contact_phone_fax>",
            "<contact_im_service>-1</contact_im_service><contact_im_name></contact_im_name>",
            "<contact_timezone></contact_timezone><contact_language_id>0</contact_language_id>",
            "</Contact></s:Body></s:Envelope>",
        ),
        errors: &[
            ("text/xml; charset=utf-8", "<soap:Fault>"),
            ("text/xml; charset=utf-8", "<success>false</success>"),
            ("text/plain; charset=utf-8", "."),
            ("text/html; charset=utf-8", "<"),
            ("application/json; charset=utf-8", "{"),
            ("", ""),
        ],
    },
    Vendor {
        name: "quentn",
        path: "/quentn/public/api/V1/contact",
        headers: &[("Authorization", "Bearer quentn-key"), ("Content-Type", "application/json")],
        body: r#"{"contact": {"mail": "{name}@example.com", "first_name": "{name}"}}"#,
        errors: &[("application/json", "{")],
    },
];
