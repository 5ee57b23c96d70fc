//! Answers with gzip out of segments that are kept.

use super::*;

async fn gzip(scraper: &Scraper, query: &str, format: Format) -> (String, Arc<Totals>) {
    let body = scraper.scrape(&Query::parse(query).unwrap(), format, Encoding::Gzip);
    let totals = body.totals();
    (unpacked(&body.collect().await), totals)
}

async fn plain(scraper: &Scraper, query: &str, format: Format) -> String {
    let body = scraper.scrape(&Query::parse(query).unwrap(), format, Encoding::Identity);
    String::from_utf8(body.collect().await).unwrap()
}

/// What there is of pieces and of samples.
fn counts(totals: &Totals) -> (u64, u64) {
    (totals.cache_hits(), totals.cache_misses())
}

#[tokio::test]
async fn what_has_not_changed_is_not_compressed_again() {
    let (mut writer, part) = filled(0..1000);
    let scraper = scraper(vec![part]);
    scraper.keep_compressed(ROOM);
    let (first, totals) = gzip(&scraper, "", Format::Text).await;
    // Three of the four families have samples in each of the sixteen chunks.
    assert_eq!(counts(&totals), (0, 48));
    assert_eq!((totals.samples(), totals.text_bytes()), (4000, first.len() as u64));
    let kept = scraper.kept_compressed();
    assert!(kept > first.len() / 50, "{kept} bytes are kept");

    // The formats differ in their ends only.
    let (second, totals) = gzip(&scraper, "", Format::OPEN_METRICS).await;
    assert_eq!(counts(&totals), (48, 0));
    assert_eq!(second, first + "# EOF\n");
    assert_eq!((totals.samples(), totals.text_bytes()), (4000, second.len() as u64));

    // Labels and phase of one object: two families of one chunk.
    let mut changed = namespace(500);
    changed.metadata.labels = object::<Namespace>(500, 0, 7).metadata.labels;
    changed.status.phase = object::<Namespace>(500, 0, 1).status.phase;
    writer.apply([Event::Apply(changed)]);
    let (third, totals) = gzip(&scraper, "", Format::Text).await;
    assert_eq!(counts(&totals), (46, 2));
    assert_eq!(third, plain(&scraper, "", Format::Text).await);
    assert_eq!(third.matches("\"Terminating\"} 1").count(), 1);
}

#[tokio::test]
async fn other_filters_leave_what_is_kept() {
    let (mut writer, part) = filled(0..200);
    let scraper = scraper(vec![part]);
    scraper.keep_compressed(ROOM);
    let ask = async |query: &str| counts(&gzip(&scraper, query, Format::Text).await.1);
    assert_eq!(ask("family=kube_namespace_created").await, (0, 4));
    assert_eq!(ask("part=1&of=2").await, (4, 4), "the same and labels");
    assert_eq!(ask("part=2&of=2").await, (0, 4), "phases");
    for _ in 0..2 {
        assert_eq!(ask("").await, (12, 0));
        assert_eq!(ask("family=kube_namespace_created").await, (4, 0));
        assert_eq!(ask("part=1&of=2").await, (8, 0));
        assert_eq!(ask("part=2&of=2").await, (4, 0));
        assert_eq!(ask("namespace=n7").await, (0, 0), "objects of a namespace are rendered");
    }
    let kept = scraper.kept_compressed();
    // What is shown to one client only is taken over with the rest.
    let mut changed = namespace(7);
    changed.status.phase = object::<Namespace>(7, 0, 1).status.phase;
    writer.apply([Event::Apply(changed)]);
    assert_eq!(ask("family=kube_namespace_created").await, (4, 0));
    assert_eq!(ask("").await, (11, 1));
    assert!(scraper.kept_compressed().abs_diff(kept) < 100);
}

#[tokio::test]
async fn no_more_is_kept_than_there_is_room_for() {
    let (mut writer, part) = filled(0..2000);
    let scraper = scraper(vec![part]);
    let want = plain(&scraper, "", Format::Text).await;
    let ask = async || gzip(&scraper, "", Format::Text).await;
    assert_eq!(ask().await.0, want);
    assert_eq!(scraper.kept_compressed(), 0, "nothing is kept unless it is said");

    scraper.keep_compressed(10_000);
    let (text, totals) = ask().await;
    assert_eq!(text, want);
    let (kept, made) = (scraper.kept_compressed(), totals.cache_misses());
    // Two threads may each have begun a chunk, of some two thousand bytes, while there was room.
    assert!((10_000..15_000).contains(&kept), "{kept}");
    assert!((9..48).contains(&made), "{made}");
    let (text, totals) = ask().await;
    assert_eq!(text, want);
    assert_eq!(counts(&totals), (made, 0), "those that came first stay");

    writer.apply((0..1990).map(|id| Event::Delete(namespace(id))));
    assert_eq!(ask().await.0, plain(&scraper, "", Format::Text).await);
    assert!(scraper.kept_compressed() < 3_000, "what is gone makes room: {}", scraper.kept_compressed());
    scraper.show(Vec::new());
    assert_eq!(scraper.kept_compressed(), 0);
}

#[tokio::test]
async fn what_nobody_asks_for_is_dropped() {
    let scraper = scraper(vec![filled(0..200).1]);
    scraper.keep_compressed(ROOM);
    gzip(&scraper, "", Format::Text).await;
    (0..4).for_each(|_| scraper.drop_idle());
    assert_eq!(counts(&gzip(&scraper, "", Format::Text).await.1), (12, 0));
    (0..4).for_each(|_| scraper.drop_idle());
    plain(&scraper, "", Format::Text).await;
    scraper.drop_idle();
    assert!(scraper.kept_compressed() < 1000, "little more than headers");
    assert_eq!(counts(&gzip(&scraper, "", Format::Text).await.1), (0, 12));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scrapes_at_the_same_time_share_their_work() {
    let (_writer, part) = filled(0..5000);
    let scraper = Arc::new(scraper(vec![part]));
    scraper.keep_compressed(ROOM);
    let answers = (0..4).map(|_| {
        let scraper = Arc::clone(&scraper);
        tokio::spawn(async move { gzip(&scraper, "", Format::Text).await })
    });
    let answers: Vec<_> = futures::future::join_all(answers).await.into_iter().map(Result::unwrap).collect();
    let (mut hits, mut misses) = (0, 0);
    for (text, totals) in &answers {
        check(text, 5000);
        hits += totals.cache_hits();
        misses += totals.cache_misses();
    }
    let pieces = 3 * 5000_u64.div_ceil(64);
    assert_eq!((hits, misses), (3 * pieces, pieces), "nothing is compressed twice");
}
