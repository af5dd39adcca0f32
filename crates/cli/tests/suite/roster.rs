//! `dayclear roster`: lists compared as files, and the pairs of a store.

use crate::program::run;

#[test]
fn lists_are_compared_and_a_bad_row_stops_nothing() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    let header = "source,list,entry,as_of,given_by,division,name,document,phone,birth_date,sex,address";
    let file = |name: &str, rows: &[&str]| {
        let path = folder.join(name);
        std::fs::write(&path, format!("{header}\n{}\n", rows.join("\n"))).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let police = file(
        "police.csv",
        &[
            "police,s1,1,2022-11-01T08:00:00+08:00,x,500103013006,王小明,11010519491231002X,13800001111,1949-12-31,female,3栋2单元1502",
            "police,s1,2,2022-11-01T08:00:00+08:00,x,500103013006,王小红,440524188001010014,13800001111,1880-01-01,,3栋2单元1502",
            "police,s1,3,not a time,x,500103013006,某人,,,,,",
        ],
    );
    let firm =
        file("firm.csv", &["employer,f,9,2022-11-02T08:00:00+08:00,x,500103013006,WANG XIAOMING,110105491231002,,,,"]);
    let out = folder.join("pairs.csv");
    let told = run(["roster", "reconcile", &police, &firm, "--out", out.to_str().unwrap()]).ends_with(0).err;
    assert!(told.contains("3 rows read, 1 passed over"), "{told}");
    assert!(told.contains("1 one person, 0 to be looked at"), "{told}");
    let pairs = std::fs::read_to_string(&out).unwrap();
    assert!(pairs.contains("police.csv:s1,1,firm.csv:f,9,same,"), "{pairs}");
    let json = run(["roster", "reconcile", &police, &firm, "--format", "json"]).ends_with(0).json();
    assert_eq!(json[0]["name"], "sounds_same");
    run(["roster", "reconcile"]).ends_with(2);
    run(["roster", "reconcile", folder.join("none.csv").to_str().unwrap()]).ends_with(1);
}
