namespace StreamLearn;

/// <summary>What a block declares of the batches on its main output.</summary>
internal readonly record struct DeclaredBatch(Schema? Schema, int? MaxRows)
{
    /// <summary>Finds out whether a message is as declared: a batch has the declared columns, and no more rows than declared.</summary>
    internal bool Allows(object value) =>
        value is not Batch batch || ((Schema is null || Schema.Equals(batch.Schema)) && !(batch.Rows > MaxRows));
}
