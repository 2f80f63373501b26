namespace StreamLearn.Samples;

/// <summary>The <c>har-stream</c> generator: synthetic activity recordings, with the columns of the real ones.</summary>
public static class HarStream
{
    /// <summary>Rows per second.</summary>
    public const int RowsPerSecond = 50;

    internal static ImmutableArray<Field> Channels { get; } =
    [
        Field.Channel("acc x", Unit.StandardGravity), Field.Channel("acc y", Unit.StandardGravity),
        Field.Channel("acc z", Unit.StandardGravity),
        Field.Channel("gyro x", Unit.RadianPerSecond), Field.Channel("gyro y", Unit.RadianPerSecond),
        Field.Channel("gyro z", Unit.RadianPerSecond),
    ];

    /// <summary>Time, acceleration in standard gravities, angular velocity in rad/s, activity.</summary>
    public static Schema Schema { get; } = new([Field.Time(), .. Channels, Field.Label()]);

    /// <summary>The activities, indexed by label.</summary>
    public static ImmutableArray<string> Activities { get; } =
        ["walking", "walking upstairs", "walking downstairs", "sitting", "standing", "laying"];

    /// <summary>Generates one wearer's stream: bouts of six activities of random length, 3-axis acceleration and angular velocity at 50
    /// Hz.</summary>
    /// <remarks> Shape: <c>BatchRows</c> rows of <see cref="Schema"/>, fewer at the end. Units: standard gravities, rad/s. Each row is
    /// posture + gait and its second harmonic + noise; posture, strength and gait vary between wearers and bouts, so classes overlap.
    /// Emits: a batch when its last row is due, in the run's time. Cost: about 30 ns per row, no allocation. Seed and user determine the
    /// bits, for batches of any size. Source: specification of har-stream, ours. </remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="options">User, length, drift and speed; null: defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static Flow<Batch> FromHarStream(this PipelineBuilder builder, HarStreamOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        options = (options ?? new()).Checked();
        return builder.From($"har-stream {options.User}", options,
            static (HarStreamOptions options, OperatorContext context) => new HarStreamSource(options, context), Schema, options.BatchRows);
    }
}
