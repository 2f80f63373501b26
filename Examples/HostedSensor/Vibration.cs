using StreamLearn;

namespace HostedSensor;

internal sealed record VibrationOptions
{
    /// <summary>Duration of the signal; null: unlimited.</summary>
    public TimeSpan? Length { get; init; }
}

/// <summary>Generates vibration during one second in four: 50 Hz and noise at 1,000 rows per second, a batch every 50 ms.</summary>
internal sealed class Vibration(VibrationOptions options, OperatorContext context) : Source<Batch>, ISeekable
{
    internal static readonly Schema Columns = new(Field.Time(), Field.Channel("x", Unit.StandardGravity));

    private const int Rows = 50;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(1);
    private readonly DateTimeOffset _start = context.Now;
    private long _row;

    public override DateTimeOffset? NextAt =>
        options.Length is { } length && (_row + Rows) * Step > length ? null : _start + ((_row + Rows) * Step);

    public void Seek(long messages) => _row = messages * Rows;

    public override Batch Next()
    {
        var batch = context.Pool.Rent(Columns, Rows);
        var times = batch["time"].Writable<long>();
        var values = batch["x"].Writable<float>();
        var start = (_start - DateTimeOffset.UnixEpoch).Ticks * 100;
        for (var i = 0; i < Rows; i++, _row++)
        {
            var shakes = _row / 1000 % 4 == 3;
            times[i] = start + (_row * 1_000_000);
            values[i] = (float)((shakes ? 3 : 1) * (Math.Sin(2 * Math.PI * 50 * _row / 1000) + (0.3 * context.Random.NextGaussian())));
        }

        return batch;
    }
}
