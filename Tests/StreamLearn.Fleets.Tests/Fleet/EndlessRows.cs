namespace StreamLearn.Fleets.Tests;

/// <summary>A row every half second, for ever: the device's number, or one above it, which is the label.</summary>
internal sealed class EndlessRows(int device, OperatorContext context) : Source<Batch>
{
    internal static readonly Schema Columns = new(Field.Channel("x", Unit.One), Field.Label());
    private readonly DateTimeOffset _start = context.Now;
    private int _made;
    public override DateTimeOffset? NextAt => _start + TimeSpan.FromSeconds(0.5 * _made);

    public override Batch Next()
    {
        _made++;
        return Batches.Of(context.Pool, Columns, new float[] { device + (_made & 1) }, new int[] { _made & 1 });
    }
}
