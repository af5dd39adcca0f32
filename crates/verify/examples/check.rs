#[tokio::main]
async fn main() {
    let a: Vec<String> = std::env::args().collect();
    let t = std::time::Instant::now();
    match dayclear_verify::check(&a[1], "Asia/Shanghai").await {
        Ok(f) => f.iter().for_each(|f| println!("{:20} {:6} {:8} {}", f.check, if f.holds {"holds"} else {"BROKEN"}, f.looked_at, f.detail)),
        Err(e) => println!("ERROR {e}"),
    }
    eprintln!("{:?}", t.elapsed());
}
