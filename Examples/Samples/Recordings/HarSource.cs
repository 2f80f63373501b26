namespace StreamLearn.Samples;

/// <summary>Settings of <c>FromHar</c>.</summary>
public sealed record HarSourceOptions
{
    /// <summary>The person; set by the call.</summary>
    public int Person { get; init; }

    /// <summary>Rows per batch, 1 to 65,536; default 50, which is one second. The last batch of a recording may be shorter.</summary>
    public int BatchRows { get; init; } = 50;

    /// <summary>Playback speed, at least 1e-6; default 1; infinite for no delay. Event times are unchanged.</summary>
    public double SpeedUp { get; init; } = 1;

    /// <summary>Starting point in the person's stream, from 0 to below 1; default 0. The stream wraps around: every sample is played once,
    /// with event times increasing from <see cref="Start"/>.</summary>
    /// <remarks>The part of a recording that is moved to the end has a negated number, so that windows restart.</remarks>
    public double Phase { get; init; }

    /// <summary>Event time of the first sample; default 2025-01-01T00:00Z. Playback starts with the run.</summary>
    public DateTimeOffset Start { get; init; } = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>True to stay open after the last sample until the run is drained, like a silent sensor. Default false.</summary>
    public bool StayOpen { get; init; }

    internal HarSourceOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchRows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BatchRows, 65536);
        if (!(SpeedUp >= 1e-6)) { throw new ArgumentOutOfRangeException(nameof(SpeedUp), SpeedUp, "expected a speed-up of at least 1e-6"); }
        if (!(Phase is >= 0 and < 1)) { throw new ArgumentOutOfRangeException(nameof(Phase), Phase, "expected 0 to less than 1"); }
        return this;
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant(
        $"person {Person}, batches of {BatchRows} rows, {SpeedUp}x, from {Phase:0.###}");
}

/// <summary>Sources of recorded sensor data.</summary>
public static class RecordingBuilderExtensions
{
    /// <summary>Plays one person's recordings in sequence, with one sample missing between them.</summary>
    /// <remarks> Shape: up to <c>BatchRows</c> rows of <see cref="HarRecordings.Schema"/>, of one recording. Units: standard gravities,
    /// rad/s. Emits: a batch when its last sample is due, in the run's time. Cost: no allocation. Source: Anguita et al. (2013);
    /// Reyes-Ortiz et al. (2015). </remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="recordings">The data; may be shared.</param>
    /// <param name="person">The person.</param>
    /// <param name="options">Batch size and speed; its <c>Person</c> is ignored.</param>
    /// <exception cref="ArgumentOutOfRangeException">The person has no recordings, or an option is out of range.</exception>
    public static Flow<Batch> FromHar(this PipelineBuilder builder, HarRecordings recordings, int person, HarSourceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(recordings);
        options = ((options ?? new()) with { Person = person }).Checked();
        var recorded = recordings.Of(person);
        if (recorded.IsEmpty)
        {
            throw new ArgumentOutOfRangeException(
                nameof(person), person, $"expected a person with recordings ({string.Join(", ", recordings.People)})");
        }

        var played = HarPart.Rotate(recorded, options.Phase);
        return builder.From($"har person {person}", options,
            (HarSourceOptions options, OperatorContext context) => new HarSource(recordings, played, options, context),
            HarRecordings.Schema, options.BatchRows);
    }
}

internal sealed class HarSource(
    HarRecordings recordings, ImmutableArray<HarPart> played, HarSourceOptions options, OperatorContext context) : Source<Batch>, ISeekable
{
    private const long NanosecondsPerSample = 1_000_000_000 / HarRecordings.SamplesPerSecond;

    private readonly DateTimeOffset _runStart = context.Now;
    private readonly long _firstTime = (options.Start.UtcDateTime - DateTime.UnixEpoch).Ticks * 100;
    private int _part;
    private int _sample;            // the next sample of the part
    private long _clock;            // number of samples since the start, including missing ones

    public override DateTimeOffset? NextAt => _part == played.Length ? options.StayOpen ? DateTimeOffset.MaxValue : null
        : _runStart + TimeSpan.FromSeconds((_clock + NextRows) / (HarRecordings.SamplesPerSecond * options.SpeedUp));

    private int NextRows => Math.Min(options.BatchRows, played[_part].Samples - _sample);

    public override Batch Next()
    {
        var part = played[_part];
        var rows = NextRows;
        var batch = context.Pool.Rent(HarRecordings.Schema, rows);
        recordings.Write(batch, part.Offset + _sample, part.Number, _firstTime + (_clock * NanosecondsPerSample));
        Pass(rows);
        return batch;
    }

    public void Seek(long messages)
    {
        for (; messages > 0 && _part < played.Length; messages--) { Pass(NextRows); }
        if (messages > 0) { throw new StateException($"expected {messages} more messages: the recording has become shorter"); }
    }

    private void Pass(int rows)
    {
        (_sample, _clock) = (_sample + rows, _clock + rows);
        if (_sample == played[_part].Samples) { (_part, _sample, _clock) = (_part + 1, 0, _clock + 1); }
    }
}
