//! People in letters of assistance, and what was answered for each. What a letter says of somebody and what was answered is never changed;
//! guards see to it. How somebody stands follows from the last answer.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    letters::LetterPerson,
    time::{CivilDate, Instant},
    tracing::ContactClass,
};

/// Somebody in a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterEntry {
    /// Letter.
    pub letter: String,
    /// Number in it.
    pub entry: String,
    /// Who of ours answers for them.
    pub division: DivisionCode,
    /// The other jurisdiction: name, code, number of its case, whom one can call.
    pub side: String,
    /// See above.
    pub side_code: Option<String>,
    /// See above.
    pub side_case: Option<String>,
    /// See above.
    pub side_phone: Option<String>,
    /// When the letter was received; `None`: it is ours.
    pub received_at: Option<Instant>,
    /// Name; gone after the pack's retention.
    pub name: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Document.
    pub document: Option<String>,
    /// Where they live.
    pub address: Option<String>,
    /// Class of the contact.
    pub class: ContactClass,
    /// First day of exposure.
    pub first_exposure: CivilDate,
    /// Last day of exposure.
    pub last_exposure: CivilDate,
    /// What else was told.
    pub note: Option<String>,
    /// Our case; `None`: it is a letter to us.
    pub case_id: Option<String>,
    /// What was answered.
    pub state: LetterPerson,
    /// People of the roster with the same document or telephone, separated by spaces.
    pub suggested: Option<String>,
    /// Who of the roster it is, once confirmed.
    pub person: Option<(String, i64)>,
    /// When it was answered, by whom, with what shows it.
    pub answered_at: Option<Instant>,
    /// See above.
    pub answered_by: Option<String>,
    /// When and how it was settled that nobody takes them over.
    pub settled: Option<(Instant, String)>,
    /// Day on which name and address were deleted.
    pub gone_on: Option<CivilDate>,
}

impl LetterEntry {
    /// Key of the row.
    pub fn key(&self) -> String {
        format!("{}|{}", self.letter, self.entry)
    }

    fn roster(&self) -> (Option<&str>, Option<i64>) {
        self.person.as_ref().map(|(person, no)| (person.as_str(), *no)).unzip()
    }
}

/// A word on somebody in a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterWord {
    /// Key of the row.
    pub key: String,
    /// Who of ours answers for them.
    pub division: DivisionCode,
    /// What was answered.
    pub state: LetterPerson,
    /// Who said it.
    pub who: String,
    /// What shows it.
    pub shown: String,
    /// When it was said.
    pub at: Instant,
    /// Who wrote it down.
    pub account: String,
    /// When.
    pub said_at: Instant,
}

const ENTRY: [&str; 27] = [
    "letter",
    "entry",
    "division",
    "side",
    "side_code",
    "side_case",
    "side_phone",
    "received_at",
    "name",
    "phone",
    "document",
    "address",
    "class",
    "first_exposure",
    "last_exposure",
    "note",
    "case_id",
    "state",
    "suggested",
    "person",
    "person_no",
    "answered_at",
    "answered_by",
    "settled_at",
    "settled_why",
    "gone_on",
    "key",
];

fn entry(row: &Record) -> Result<LetterEntry, StoreError> {
    let person: Option<String> = row.get(19)?;
    let person_no: Option<i64> = row.get(20)?;
    let settled_at: Option<Instant> = row.get(23)?;
    let settled_why: Option<String> = row.get(24)?;
    Ok(LetterEntry {
        letter: row.get(0)?,
        entry: row.get(1)?,
        division: row.term(2)?,
        side: row.get(3)?,
        side_code: row.get(4)?,
        side_case: row.get(5)?,
        side_phone: row.get(6)?,
        received_at: row.get(7)?,
        name: row.get(8)?,
        phone: row.get(9)?,
        document: row.get(10)?,
        address: row.get(11)?,
        class: row.term(12)?,
        first_exposure: row.get(13)?,
        last_exposure: row.get(14)?,
        note: row.get(15)?,
        case_id: row.get(16)?,
        state: row.term(17)?,
        suggested: row.get(18)?,
        person: person.zip(person_no),
        answered_at: row.get(21)?,
        answered_by: row.get(22)?,
        settled: settled_at.map(|at| (at, settled_why.unwrap_or_default())),
        gone_on: row.get(25)?,
    })
}

impl Scoped {
    /// People of letters, by letter and number; of all that is in them, wherever it is.
    pub async fn people_of_letters(&mut self, letters: &[&str]) -> Result<Vec<LetterEntry>, StoreError> {
        let keys: Vec<Value<'_>> = letters.iter().map(|id| (*id).into()).collect();
        let sql = format!("select {} from letter_people where letter in ({{keys}})", ENTRY.join(", "));
        let people: Result<Vec<LetterEntry>, StoreError> =
            self.rows_for_keys(&sql, &keys).await?.iter().map(entry).collect();
        let mut people = people?;
        people.sort_by(|a, b| (&a.letter, a.entry.len(), &a.entry).cmp(&(&b.letter, b.entry.len(), &b.entry)));
        Ok(people)
    }

    /// Numbers of letters with rows that came and were not looked at yet, in order.
    pub async fn letters_told(&mut self, most: i64) -> Result<Vec<String>, StoreError> {
        let sql =
            "select distinct letter from (select letter from letter_people where not taken order by key limit $1) t
                   order by letter";
        self.rows(sql, &[most.into()]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Keys of rows of a letter that were not looked at yet; they are from now on.
    pub async fn take_letter_rows(&mut self, letter: &str) -> Result<Vec<String>, StoreError> {
        let sql = "select key from letter_people where letter = $1 and not taken order by key";
        let rows = self.rows(sql, &[letter.into()]).await?;
        let keys: Vec<String> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        self.run("update letter_people set taken = $2 where letter = $1 and not taken", &[letter.into(), true.into()])
            .await?;
        Ok(keys)
    }

    /// Writes somebody into a letter of ours.
    pub async fn add_letter_entry(&mut self, p: &LetterEntry) -> Result<(), StoreError> {
        let mut columns = ENTRY.to_vec();
        columns.extend(["taken", "digest"]);
        let key = p.key();
        let (person, person_no) = p.roster();
        let values: [Value<'_>; 29] = [
            (&p.letter).into(),
            (&p.entry).into(),
            (&p.division).into(),
            (&p.side).into(),
            p.side_code.as_deref().into(),
            p.side_case.as_deref().into(),
            p.side_phone.as_deref().into(),
            p.received_at.into(),
            p.name.as_deref().into(),
            p.phone.as_deref().into(),
            p.document.as_deref().into(),
            p.address.as_deref().into(),
            p.class.name().into(),
            p.first_exposure.into(),
            p.last_exposure.into(),
            p.note.as_deref().into(),
            p.case_id.as_deref().into(),
            p.state.name().into(),
            p.suggested.as_deref().into(),
            person.into(),
            person_no.into(),
            p.answered_at.into(),
            p.answered_by.as_deref().into(),
            p.settled.as_ref().map(|(at, _)| *at).into(),
            p.settled.as_ref().map(|(_, why)| why.as_str()).into(),
            p.gone_on.into(),
            key.as_str().into(),
            true.into(),
            0i64.into(),
        ];
        self.append("letter_people", &columns, &values).await
    }

    /// Keeps how somebody in a letter stands.
    pub async fn update_letter_entry(&mut self, p: &LetterEntry) -> Result<(), StoreError> {
        let (person, person_no) = p.roster();
        let sql = "update letter_people set state = $2, suggested = $3, person = $4, person_no = $5, answered_at = $6,
                answered_by = $7, settled_at = $8, settled_why = $9 where key = $1";
        let values: [Value<'_>; 9] = [
            p.key().into(),
            p.state.name().into(),
            p.suggested.as_deref().into(),
            person.into(),
            person_no.into(),
            p.answered_at.into(),
            p.answered_by.as_deref().into(),
            p.settled.as_ref().map(|(at, _)| *at).into(),
            p.settled.as_ref().map(|(_, why)| why.as_str()).into(),
        ];
        self.run(sql, &values).await?;
        Ok(())
    }

    /// Keeps what was answered for somebody.
    pub async fn say_of_letter_entry(&mut self, word: &LetterWord) -> Result<(), StoreError> {
        let sql = "select count(*) from letter_words where key = $1";
        let before: i64 = self.row(sql, &[(&word.key).into()]).await?.map_or(Ok(0), |row| row.get(0))?;
        let columns = ["id", "key", "no", "division", "state", "who", "shown", "at", "account", "said_at"];
        let id = format!("{}/{}", word.key, before + 1);
        let values: [Value<'_>; 10] = [
            id.as_str().into(),
            (&word.key).into(),
            (before + 1).into(),
            (&word.division).into(),
            word.state.name().into(),
            (&word.who).into(),
            (&word.shown).into(),
            word.at.into(),
            (&word.account).into(),
            word.said_at.into(),
        ];
        self.append("letter_words", &columns, &values).await
    }

    /// Takes names and addresses of people in letters whose last exposure lies before a day, some at a time; how many. Whoever is still
    /// without an answer, or left with nobody, keeps theirs until that is over.
    pub async fn forget_letter_people_before(
        &mut self,
        first: CivilDate,
        today: CivilDate,
        most: i64,
    ) -> Result<u64, StoreError> {
        let sql = "select p.key from letter_people p left join letters l on l.id = p.letter
            where p.gone_on is null and p.last_exposure < $1 and (l.state = 'dropped' or (l.ended_at is not null
                and (p.case_id is null or p.state = 'found' or p.settled_at is not null)))
            order by p.last_exposure, p.key limit $2";
        let rows = self.rows(sql, &[first.into(), most.into()]).await?;
        let keys: Vec<String> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        let keys: Vec<Value<'_>> = keys.iter().map(|key| key.as_str().into()).collect();
        let sql = "update letter_people set gone_on = $1, name = null, phone = null, document = null, address = null, note = null,
                suggested = null, person = null, person_no = null, answered_by = null, settled_why = null where key in ({keys})";
        let gone = self.run_for_keys(sql, &[today.into()], &keys).await?;
        self.run_for_keys("delete from letter_words where key in ({keys})", &[], &keys).await?;
        Ok(gone)
    }
}
