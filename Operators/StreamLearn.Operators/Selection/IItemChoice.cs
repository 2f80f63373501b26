namespace StreamLearn.Operators;

internal interface IItemChoice
{
    /// <summary>Returns the drop reason; null if the item is kept.</summary>
    string? Refuse(Batch batch, int row);

    void State(ref StateStream s);
}

internal abstract record KeepBlock(int ItemRows) : IBlockOptions
{
    public abstract string State { get; }

    public virtual long StateBytes(Schema? input) => 0;

    public abstract Schema Output(Schema input);

    internal abstract IItemChoice Make(Schema schema, OperatorContext context);

    internal static void CheckFraction(double fraction)
    {
        if (!(fraction is > 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "expected a fraction of more than 0 and at most 1");
        }
    }
}
