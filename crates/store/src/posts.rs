//! Who holds the keys of a confined building and who looks after it. The latest word counts; none is changed.

use crate::{Scoped, StoreError, value::Value};
use dayclear_core::{divisions::DivisionCode, measures::BuildingPost, time::Instant};

impl Scoped {
    /// Names who has a post of a building from now on.
    pub async fn name_post(
        &mut self,
        (building, post, division): (&str, BuildingPost, &DivisionCode),
        (holder, phone): (&str, &str),
        (account, at): (&str, Instant),
    ) -> Result<(), StoreError> {
        let sql = "insert into posts (building, post, no, holder, phone, division, account, at)
            select $1, $2, coalesce(max(no), 0) + 1, $3, $4, $5, $6, $7 from posts where building = $1 and post = $2";
        let values = [
            building.into(),
            post.name().into(),
            holder.into(),
            phone.into(),
            division.into(),
            account.into(),
            at.into(),
        ];
        self.run(sql, &values).await?;
        Ok(())
    }

    /// Posts of these buildings that somebody has, in order.
    pub async fn posts_of(&mut self, buildings: &[&str]) -> Result<Vec<(String, BuildingPost)>, StoreError> {
        let keys: Vec<Value<'_>> = buildings.iter().map(|id| (*id).into()).collect();
        let sql = "select distinct building, post from posts where building in ({keys}) order by building, post";
        self.rows_for_keys(sql, &keys).await?.iter().map(|row| Ok((row.get(0)?, row.term(1)?))).collect()
    }
}
