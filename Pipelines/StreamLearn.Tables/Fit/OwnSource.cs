namespace StreamLearn.Tables;

/// <summary>How recordings are played. <paramref name="Phase"/>: share of the rows that come last.</summary>
internal sealed record OwnPlay(double Speed, double Phase, DateTimeOffset Start, bool StayOpen)
{
    internal static OwnPlay Plain { get; } = new(1, 0, new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero), false);      // playback from the beginning
}

/// <summary>Plays a device's recordings in order, with one row missing between them.</summary>
internal static class OwnSource
{
    private const double BatchSeconds = 1;
    private const int MaxBatchRows = 4096;

    /// <summary><paramref name="options"/>: what the graph shows about the source.</summary>
    internal static Flow<Batch> FromOwn<T>(this PipelineBuilder builder, OwnRows rows, OwnDevice device, T options, OwnPlay play)
        where T : notnull
    {
        var parts = Rotate(device, play.Phase);
        var batchRows = (int)Math.Clamp(rows.Columns.Rate!.Value * BatchSeconds, 1, MaxBatchRows);
        return builder.From($"rows of {device.Name}", options,
            (T _, OperatorContext context) => new OwnReading(rows.Columns, device, parts, batchRows, play, context),
            rows.Columns.Schema, batchRows);
    }

    /// <summary>Rotates the parts to a random start, which splits the first part.</summary>
    private static ImmutableArray<OwnPart> Rotate(OwnDevice device, double phase)
    {
        var from = (int)(phase * device.Labels.Length);
        if (from == 0) { return device.Parts; }
        var at = device.Parts.IndexOf(device.Parts.First(p => from < p.Offset + p.Rows));
        var cut = device.Parts[at];
        var before = from - cut.Offset;
        List<OwnPart> parts = [new(from, cut.Rows - before), .. device.Parts.Skip(at + 1), .. device.Parts.Take(at)];
        if (before > 0) { parts.Add(new(cut.Offset, before)); }
        return [.. parts];
    }
}

internal sealed class OwnReading(OwnColumns columns, OwnDevice device, ImmutableArray<OwnPart> parts, int batchRows, OwnPlay play,
    OperatorContext context) : Source<Batch>, ISeekable
{
    private readonly DateTimeOffset _runStart = context.Now;
    private readonly long _firstTime = (play.Start.UtcDateTime - DateTime.UnixEpoch).Ticks * 100;
    private readonly Schema _schema = columns.Schema;
    private readonly bool _keepsTimes = play == OwnPlay.Plain && device.Times.Length > 0;
    private int _part;
    private int _row;           // the next row of the part
    private long _clock;        // number of rows since the start, including missing ones

    public override DateTimeOffset? NextAt => _part == parts.Length ? play.StayOpen ? DateTimeOffset.MaxValue : null
        : _runStart + TimeSpan.FromSeconds((_clock + NextRows) / (columns.Rate!.Value * play.Speed));

    private int NextRows => Math.Min(batchRows, parts[_part].Rows - _row);

    public override Batch Next()
    {
        var rows = NextRows;
        var batch = context.Pool.Rent(_schema, rows);
        var (first, width) = (parts[_part].Offset + _row, columns.Channels.Length);
        var times = batch.Columns[0].Writable<long>();
        for (var row = 0; row < rows; row++)
        {
            times[row] = _keepsTimes ? device.Times[first + row]
                : _firstTime + (long)Math.Round((_clock + row) * (1e9 / columns.Rate!.Value));
        }

        for (var c = 0; c < width; c++)
        {
            var values = batch.Columns[1 + c].Writable<float>();
            for (var row = 0; row < rows; row++) { values[row] = device.Values[((first + row) * width) + c]; }
        }

        batch.Columns[1 + width].Writable<int>().Fill(_part + 1);
        var learned = batch.Columns[2 + width];
        if (columns.Target is not null) { device.Targets.AsSpan(first, rows).CopyTo(learned.Writable<double>()); }
        for (var row = 0; row < rows; row++)
        {
            if (columns.Target is null) { learned.Writable<int>()[row] = Math.Max((short)0, device.Labels[first + row]); }
            if (device.Labels[first + row] < 0) { learned.SetValid(row, false); }
        }

        if (columns.ForecastsClasses)
        {
            var now = batch.Columns[3 + width].Writable<int>();
            for (var row = 0; row < rows; row++) { now[row] = device.Now[first + row]; }
        }

        Pass(rows);
        return batch;
    }

    public void Seek(long messages)
    {
        for (; messages > 0 && _part < parts.Length; messages--) { Pass(NextRows); }
        if (messages > 0) { throw new StateException($"expected {messages} more messages: the recording has become shorter"); }
    }

    private void Pass(int rows)
    {
        (_row, _clock) = (_row + rows, _clock + rows);
        if (_row == parts[_part].Rows) { (_part, _row, _clock) = (_part + 1, 0, _clock + 1); }
    }
}
