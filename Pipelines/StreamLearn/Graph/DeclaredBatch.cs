namespace StreamLearn;

internal readonly record struct DeclaredBatch(Schema? Schema, int? MaxRows)
{
    internal bool Allows(object value) =>
        value is not Batch batch || ((Schema is null || Schema.Equals(batch.Schema)) && !(batch.Rows > MaxRows));
}
