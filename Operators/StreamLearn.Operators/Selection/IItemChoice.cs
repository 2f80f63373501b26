namespace StreamLearn.Operators;

/// <summary>Decides which items are kept. An item is one row, or as many as the block says.</summary>
internal interface IItemChoice
{
    /// <summary>Says why an item is left out; null: it is kept.</summary>
    string? Refuse(Batch batch, int row);

    void State(ref StateStream s);
}

/// <summary>A block that keeps some of the items and drops the others.</summary>
internal abstract record KeepBlock(int ItemRows) : IBlockOptions
{
    public abstract string State { get; }

    public virtual long StateBytes(Schema? input) => 0;

    public abstract Schema Output(Schema input);

    /// <summary>Makes the rule, for batches of a schema that <see cref="Output"/> has accepted.</summary>
    internal abstract IItemChoice Make(Schema schema, OperatorContext context);

    /// <summary>Throws unless a fraction is more than 0 and at most 1.</summary>
    internal static void CheckFraction(double fraction)
    {
        if (!(fraction is > 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "expected a fraction of more than 0 and at most 1");
        }
    }
}
