//! People in letters of other jurisdictions to us: who of our roster they are, or what we answer for them. Nobody is bound by being named in
//! a letter: a person of ours confirms who it is, by the document or the telephone or with words that say how else it is known, and only
//! then a contact is listed, for which the ordinary rules decide.

use super::{
    DeskError, Refusal, Report, Sitting, Verdict, inside,
    letters::{of_people, say},
    stands,
};
use crate::{agenda, letters, minutes::Minutes, retention};
use dayclear_core::{
    letters::{LetterKind, LetterPerson, LetterState},
    listing::PEOPLE,
    tracing::ContactTier,
};
use dayclear_store::{letter_people::LetterEntry, roster::Resident, tracing::Contact};
use serde_json::json;

/// Where a contact is known from whom another jurisdiction named.
const SOURCE: &str = "letter";

/// `letter_people.match` and `letter_people.tell`.
pub(super) async fn say_of(at: &mut Sitting<'_, '_>, keys: &[&str], verb: &str) -> Result<Report, DeskError> {
    let when = at.happened()?;
    let named = at.text("person").to_owned();
    // somebody whom the duty does not see is on no roster for it
    let seen_person = !named.is_empty() && at.tx.records(&PEOPLE, &[&named]).await?.contains_key(&named);
    let mut known = of_people(at, keys).await?;
    let person = match seen_person {
        true => at.tx.people_by_id(&[&named]).await?.into_iter().next(),
        false => None,
    };
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match known.one(key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some((letter, _)) if letter.kind == LetterKind::Out => {
                stands("in a letter of ours", "write down what the other side answered")
            }
            Some((letter, _)) if letter.state == LetterState::Answered => {
                stands("in a letter that was answered", "call the other side; what comes anew is a row of its own")
            }
            Some((_, one)) if one.state == LetterPerson::Found => match (&one.person, verb) {
                (Some((known, _)), "match") if *known == named => Verdict::Same,
                _ => stands("confirmed", "end what follows from it by its own way, and say so to the other side"),
            },
            Some((letter, one)) => {
                let mut one = one.clone();
                one.answered_at = Some(when);
                if verb == "tell" {
                    let state: LetterPerson = at.text("state").parse().map_err(inside)?;
                    if one.state == state {
                        verdicts.push(((*key).to_owned(), Verdict::Same));
                        continue;
                    }
                    one.state = state;
                    one.answered_by = Some(at.text("grounds").trim().to_owned());
                    say(at, &mut minutes, &one, when, at.account(), at.text("grounds")).await?;
                    known.keep(at, one).await?;
                    Verdict::Done
                } else {
                    let others = known.people.get(&letter.id).map_or(&[][..], Vec::as_slice);
                    match unfit(at, &one, others, person.as_ref()).await? {
                        Err(refused) => refused,
                        Ok((person, tier, how)) => {
                            one.state = LetterPerson::Found;
                            one.person = Some((person.person.clone(), person.no));
                            one.answered_by = Some(how.clone());
                            say(at, &mut minutes, &one, when, at.account(), &how).await?;
                            listed(at, &mut minutes, &one, person, tier).await?;
                            known.keep(at, one).await?;
                            Verdict::Done
                        }
                    }
                }
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    known.post(&mut minutes);
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Who it is and how that is known; or why it cannot be confirmed.
async fn unfit<'p>(
    at: &mut Sitting<'_, '_>,
    one: &LetterEntry,
    others: &[LetterEntry],
    person: Option<&'p Resident>,
) -> Result<Result<(&'p Resident, ContactTier, String), Verdict>, DeskError> {
    let Some(person) = person else {
        return Ok(Err(stands(
            "on no roster here under that id",
            "look for them on the roster, or say that they were not found",
        )));
    };
    if let Some(twice) = others
        .iter()
        .find(|other| other.entry != one.entry && other.person.as_ref().is_some_and(|(_, no)| *no == person.no))
    {
        let remedy = "answer for this one as refused: it is the same person twice";
        return Ok(Err(stands(format!("confirmed as number {} of the letter", twice.entry), remedy)));
    }
    let Some(tier) = at.room.day.pack.tier_of(one.class) else {
        return Ok(Err(stands("no contact under the rules in force", "answer for them as refused, and say so")));
    };
    let known = letters::sharing(at.tx, one).await?.into_iter().find(|other| other.no == person.no);
    let why = at.text("grounds").trim();
    let how = match known {
        Some(known) if known.document => "the document is the same".to_owned(),
        Some(_) => "the telephone is the same".to_owned(),
        None if why.is_empty() => {
            let remedy = "say how else it is known that it is the same person";
            return Ok(Err(stands("not known by document or telephone", remedy)));
        }
        None => String::new(),
    };
    let how = [how.as_str(), why].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
    Ok(Ok((person, tier, how)))
}

/// Lists the contact of a case elsewhere: its case is the letter, because whose case it is stands nowhere with us. Whoever is a case here is
/// no contact, and an exposure that the pack keeps no longer makes nobody one.
async fn listed(
    at: &mut Sitting<'_, '_>,
    minutes: &mut Minutes<'_>,
    one: &LetterEntry,
    person: &Resident,
    tier: ContactTier,
) -> Result<(), DeskError> {
    let cases = at.tx.cases_of(&[person.no]).await?;
    let open = cases.iter().any(|case| case.closed_on.is_none() && !case.is_withdrawn());
    if open || one.last_exposure < retention::kept_from(&at.room.day) {
        return Ok(());
    }
    let contact = Contact {
        case_id: one.letter.clone(),
        person: person.person.clone(),
        person_no: person.no,
        division: person.division.clone(),
        class: one.class,
        tier,
        first_exposure: one.first_exposure,
        last_exposure: one.last_exposure,
        setting: None,
        source: SOURCE.to_owned(),
        listed_at: at.doing.now,
    };
    let body = json!({"class": contact.class, "tier": tier, "first_exposure": contact.first_exposure,
        "last_exposure": contact.last_exposure, "source": SOURCE});
    let subject = format!("{}/{}", contact.case_id, contact.person);
    minutes.event(at.doing.now, "contact.listed", subject, &contact.division, &body, None)?;
    at.tx.list_contacts(&[contact]).await?;
    agenda::decided(at.tx, &[&person.person]).await?;
    Ok(())
}
