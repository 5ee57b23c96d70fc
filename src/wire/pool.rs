//! Values held once, however many objects have them.

use hashbrown::HashTable;
use parking_lot::Mutex;
use std::{
    hash::{BuildHasher, Hash},
    sync::{Arc, LazyLock},
};

/// Seeded at random once in a process, so that nobody can choose names that collide.
static HASHER: LazyLock<foldhash::fast::RandomState> = LazyLock::new(foldhash::fast::RandomState::default);

/// The pools to be swept.
static POOLS: Mutex<Vec<&'static dyn Sweep>> = Mutex::new(Vec::new());

/// Drops whatever nobody but a pool holds any more, in all pools. Worth its while after a relist;
/// otherwise a part of a pool is swept whenever it has doubled.
pub fn sweep() {
    let pools = POOLS.lock().clone();
    for pool in pools {
        pool.sweep();
    }
}

trait Sweep: Sync {
    fn sweep(&self);
}

const SHARDS: usize = 16;
/// A shard smaller than this isn't worth sweeping.
const SMALL: usize = 64;

/// A set of shared values. Values that only the set holds are dropped now and then, under the
/// lock of their shard, where nobody can take them up again at the same time.
pub struct Pool<T> {
    shards: [Mutex<Shard<T>>; SHARDS],
}

struct Shard<T> {
    table: HashTable<Arc<T>>,
    /// The number of values at which the next insertion sweeps.
    sweep_at: usize,
}

impl<T: Hash + Eq + Send + Sync + 'static> Pool<T> {
    /// An empty pool that lives as long as the process.
    pub fn leak() -> &'static Self {
        let shard = || Mutex::new(Shard { table: HashTable::new(), sweep_at: SMALL });
        let pool: &'static Self = Box::leak(Box::new(Self { shards: std::array::from_fn(|_| shard()) }));
        POOLS.lock().push(pool);
        pool
    }

    /// The pooled value that `same` recognizes; where there is none, `make` makes it. `key` hashes
    /// as that value does.
    pub fn get<Q: Hash + ?Sized>(
        &self,
        key: &Q,
        same: impl Fn(&T) -> bool,
        make: impl FnOnce() -> Arc<T>,
    ) -> Arc<T> {
        let hash = HASHER.hash_one(key);
        let mut shard = self.shard(hash).lock();
        if let Some(found) = shard.table.find(hash, |value| same(value)) {
            return Arc::clone(found);
        }
        if shard.table.len() >= shard.sweep_at {
            shard.sweep();
        }
        let new = make();
        shard.table.insert_unique(hash, Arc::clone(&new), |value| HASHER.hash_one(&**value));
        new
    }

    /// The number of values held.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().table.len()).sum()
    }

    /// True where no value is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[allow(clippy::cast_possible_truncation)] // the top four bits
    fn shard(&self, hash: u64) -> &Mutex<Shard<T>> {
        // The table itself uses the low bits and the top seven.
        &self.shards[(hash >> 32) as usize % SHARDS]
    }
}

impl<T: Hash + Eq> Shard<T> {
    fn sweep(&mut self) {
        self.table.retain(|value| Arc::strong_count(value) > 1);
        self.table.shrink_to(0, |value| HASHER.hash_one(&**value));
        self.sweep_at = SMALL.max(self.table.len() * 2);
    }
}

impl<T: Hash + Eq + Send + Sync> Sweep for Pool<T> {
    fn sweep(&self) {
        for shard in &self.shards {
            shard.lock().sweep();
        }
    }
}

impl<T> std::fmt::Debug for Pool<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}
