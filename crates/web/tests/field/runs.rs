//! Runs of parcels as people see them: a depot that plans them, the sheet of one, and a household that reads when its parcel comes.

use crate::{House, NAME, PHONE, attributes, house::WORD};
use dayclear_core::{
    access::{Duty, Role},
    schema::CARRIERS,
};
use dayclear_ops::{desk::Doing, evidence, listing::Looker};

const OWED: &str = "kind=order&state=made,returned";

#[tokio::test]
async fn a_depot_plans_its_runs_and_a_household_reads_when_its_parcel_comes() {
    let house = House::open().await;
    let depot = "/supplies/round?depot=D1";
    let plans = async || {
        let given = [("csrf", WORD), ("verb", "plan"), ("plan:depot", "D1"), ("back", depot)];
        house.post("district_command", "/delivery_runs", &given).await
    };
    let none = plans().await;
    assert_eq!(none.status, 409, "{}", none.body);
    assert!(none.body.contains("without a carrier") && none.body.contains("hours of today"), "{}", none.body);
    let before = house.get("district_command", depot).await.body;
    assert!(before.contains("No run is planned") && before.contains("plan:depot"), "{before}");
    assert!(before.contains("Came up since the last plan"), "{before}");
    let rows = "carrier,depot,division,means,capacity,from,to\n\
        V1,D1,500103,vehicle,20,2022-11-20T22:00:00+08:00,2022-11-21T00:30:00+08:00\n";
    let (app, duty) =
        (&house.app, Duty { role: Role::DistrictCommand, division: "500103".parse().unwrap(), site: None });
    let looker = Looker { account: "d1".to_owned(), duty, glass: Default::default() };
    let doing = Doing {
        looker: &looker,
        now: "2022-11-20T15:00:00Z".parse().unwrap(),
        stepped_up: true,
        packs: &app.setup.packs,
        pack: &app.setup.pack,
        settings: &app.setup.settings,
        key: None,
        keys: None,
    };
    let rows = evidence::Rows::Csv(rows.as_bytes().to_vec());
    evidence::take(app.store(), &doing, &CARRIERS, rows, evidence::How::default()).await.unwrap();
    let planned = plans().await;
    assert_eq!((planned.status, planned.location.as_str()), (303, depot), "{}", planned.body);
    let page = house.get("community_worker", depot).await.body;
    assert!(!page.contains("plan:depot") && page.contains("V1, In a vehicle"), "{page}");
    let sheet =
        attributes(&page, "href").into_iter().find(|link| link.starts_with("/supplies/runs/")).unwrap().to_owned();
    let run = sheet.strip_prefix("/supplies/runs/").unwrap();
    // who sees parcels sees the sheet, and nobody else
    for (who, status) in [("community_worker", 200), ("district_command", 200), ("hotline", 404), ("driver", 404)] {
        assert_eq!(house.get(who, &sheet).await.status, status, "{who}");
    }
    let shown = house.get("community_worker", &sheet).await.body;
    for said in ["Food parcel", "hours until", "0 of ", "to come"] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    assert!(!shown.contains(NAME) && !shown.contains(PHONE) && !shown.contains(" style="), "{shown}");
    assert_eq!(house.get("community_worker", "/supplies/runs/D-none").await.status, 404);
    // it leaves, once
    for _ in 0..2 {
        let given = [("csrf", WORD), ("verb", "leave"), ("key", run), ("back", depot)];
        assert_eq!(house.post("community_worker", "/delivery_runs", &given).await.status, 303);
    }
    let gone = house.get("community_worker", &sheet).await.body;
    assert!(gone.contains("On its way"), "{gone}");
    let printed = house.get("district_command", &format!("/api/v1/notices.html?{OWED}")).await.body;
    let codes = printed.split("class=\"digits\">").skip(1).filter_map(|rest| rest.split("</span>").next());
    let mut expected = 0;
    for code in codes {
        let larder = house.post("nobody", "/public/supplies", &[("code", code)]).await.body;
        expected += usize::from(larder.contains("Expected between"));
    }
    assert!(expected > 0, "no household reads when its parcel comes");
}
