//! The tables that are known: the published scheme, SORMAS and Go.Data. Columns are those that the systems document
//! (`SORMAS` 1.104: case listing and contact import; Go.Data: cases and contacts by API name).

use super::{
    CASE, LINK,
    scheme::{
        Coding::{self, *},
        Scheme,
    },
};

type Column = (&'static str, Option<&'static str>, Coding);

const fn own(name: &'static str) -> Column {
    (name, Some(name), Words)
}
const fn says(name: &'static str, ours: &'static str, coding: Coding) -> Column {
    (name, Some(ours), coding)
}
const fn carried(name: &'static str) -> Column {
    (name, None, Words)
}

/// The published scheme: days are ISO, and everything else stands in `extra`.
pub const PUBLISHED: Scheme = Scheme {
    system: "linelist",
    columns: &[
        own("case_id"),
        own("sex"),
        own("age"),
        own("date_exposure_start"),
        own("date_exposure_end"),
        own("date_onset"),
        own("date_report"),
        own("date_confirmed"),
        own("date_admitted"),
        own("date_discharged"),
        own("date_death"),
        own("outcome"),
        own("classification"),
        own("infector_id"),
        own("place"),
        own("district"),
        own("cluster"),
        own("severity"),
    ],
    ours: CASE,
    entity: None,
    rest: Some("extra"),
};

/// Links beside a published line list.
pub const LINKS: Scheme = Scheme {
    system: "links",
    columns: &[own("from"), own("to"), own("relation"), own("setting")],
    ours: LINK,
    entity: None,
    rest: None,
};

const SORMAS_SEX: Coding = Codes(&[("F", "FEMALE"), ("M", "MALE"), ("U", "UNKNOWN")]);

/// SORMAS, cases: the columns of the listing, and of the core of a case import those that ours have a place for.
pub const SORMAS_CASES: Scheme = Scheme {
    system: "sormas",
    columns: &[
        carried("disease"),
        carried("diseaseDetails"),
        carried("plagueType"),
        carried("dengueFeverType"),
        carried("rabiesType"),
        carried("person.firstName"),
        carried("person.lastName"),
        says("person.sex", "sex", SORMAS_SEX),
        carried("person.birthdateDD"),
        carried("person.birthdateMM"),
        carried("person.birthdateYYYY"),
        says("epidNumber", "case_id", Words),
        says("reportDate", "date_report", Day),
        carried("caseOrigin"),
        carried("responsibleRegion"),
        says("responsibleDistrict", "district", Words),
        carried("responsibleCommunity"),
        carried("facilityType"),
        says("healthFacility", "place", Words),
        carried("healthFacilityDetails"),
        carried("pointOfEntry"),
        carried("pointOfEntryDetails"),
        says("symptoms.onsetDate", "date_onset", Day),
        says(
            "caseClassification",
            "classification",
            Codes(&[("confirmed", "CONFIRMED"), ("probable", "PROBABLE"), ("suspected", "SUSPECT")]),
        ),
        says("outcome", "outcome", Codes(&[("Recovered", "RECOVERED"), ("Died", "DECEASED"), ("Unknown", "UNKNOWN")])),
        says("hospitalization.admissionDate", "date_admitted", Day),
        says("hospitalization.dischargeDate", "date_discharged", Day),
        says("person.deathDate", "date_death", Day),
    ],
    ours: CASE,
    entity: Some("CaseData"),
    rest: None,
};

/// SORMAS, contacts of cases.
pub const SORMAS_CONTACTS: Scheme = Scheme {
    system: "sormas",
    columns: &[
        says("caseIdExternalSystem", "from", Words),
        carried("caseOrEventInformation"),
        carried("disease"),
        carried("reportDateTime"),
        carried("region"),
        carried("district"),
        carried("community"),
        carried("firstContactDate"),
        carried("lastContactDate"),
        says("contactProximity", "relation", Words),
        carried("contactClassification"),
        carried("contactStatus"),
        carried("followUpStatus"),
        carried("followUpUntil"),
        says("description", "setting", Words),
        carried("relationToCase"),
        says("externalID", "to", Words),
        carried("quarantine"),
        carried("quarantineFrom"),
        carried("quarantineTo"),
        carried("person.firstName"),
        carried("person.lastName"),
    ],
    ours: LINK,
    entity: Some("Contact"),
    rest: None,
};

const GODATA_SEX: Coding =
    Codes(&[("F", "LNG_REFERENCE_DATA_CATEGORY_GENDER_FEMALE"), ("M", "LNG_REFERENCE_DATA_CATEGORY_GENDER_MALE")]);

/// Go.Data, cases, by API name; a file bears labels of the user's language, and a saved mapping says which is which.
pub const GODATA_CASES: Scheme = Scheme {
    system: "godata",
    columns: &[
        carried("id"),
        says("visualId", "case_id", Words),
        says("dateOfReporting", "date_report", Stamp),
        carried("firstName"),
        carried("middleName"),
        carried("lastName"),
        says("gender", "sex", GODATA_SEX),
        carried("occupation"),
        says("age.years", "age", Words),
        carried("age.months"),
        carried("dob"),
        carried("pregnancyStatus"),
        says(
            "classification",
            "classification",
            Codes(&[
                ("confirmed", "LNG_REFERENCE_DATA_CATEGORY_CASE_CLASSIFICATION_CONFIRMED"),
                ("probable", "LNG_REFERENCE_DATA_CATEGORY_CASE_CLASSIFICATION_PROBABLE"),
                ("suspected", "LNG_REFERENCE_DATA_CATEGORY_CASE_CLASSIFICATION_SUSPECT"),
            ]),
        ),
        says("dateOfInfection", "date_exposure_end", Stamp),
        says("dateOfOnset", "date_onset", Stamp),
        says("dateBecomeCase", "date_confirmed", Stamp),
        carried("wasContact"),
        carried("riskLevel"),
        carried("riskReason"),
        carried("investigationStatus"),
        says(
            "outcomeId",
            "outcome",
            Codes(&[
                ("Recovered", "LNG_REFERENCE_DATA_CATEGORY_OUTCOME_RECOVERED"),
                ("Died", "LNG_REFERENCE_DATA_CATEGORY_OUTCOME_DECEASED"),
                ("Alive", "LNG_REFERENCE_DATA_CATEGORY_OUTCOME_ALIVE"),
            ]),
        ),
        carried("dateOfOutcome"),
    ],
    ours: CASE,
    entity: None,
    rest: None,
};

/// Go.Data, contacts.
pub const GODATA_CONTACTS: Scheme = Scheme {
    system: "godata",
    columns: &[
        carried("id"),
        says("visualId", "to", Words),
        carried("firstName"),
        carried("lastName"),
        carried("gender"),
        carried("dateOfReporting"),
        carried("dateOfLastContact"),
        carried("riskLevel"),
        carried("followUp.originalStartDate"),
        carried("followUp.startDate"),
        carried("followUp.endDate"),
        carried("followUp.status"),
        says("relationship.relatedId", "from", Words),
        carried("relationship.contactDate"),
        carried("relationship.certaintyLevelId"),
        says("relationship.exposureTypeId", "relation", Words),
        says("relationship.socialRelationshipDetail", "setting", Words),
    ],
    ours: LINK,
    entity: None,
    rest: None,
};
