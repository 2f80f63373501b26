using StreamLearn.Formats;
using StreamLearn.Learning;
using StreamLearn.Tables;

namespace Tool;

internal sealed class Answering(WindowModelFile model, ExitRule? rule, string option, AnswerFile answers)
{
    private const int Named = 20;
    private const int MaxOfName = 60;

    private readonly Answerer _answerer = new(model.Answering, rule);
    private readonly int[] _set = new int[Math.Max(1, model.Network.Plan.Classes)];
    private readonly LeftOutRows _refusals = new(Console.Error);
    private long _answers;
    private long _untimely;
    private long _unanswered;
    private readonly HashSet<string> _answered = [];
    private readonly HashSet<int> _resampled = [];
    private bool _isEnded;

    /// <summary>Maximum score of a set's classes, or half the interval of a value; null: none requested.</summary>
    internal float? Bound { get; init; }

    internal DeviceNames? Devices { get; init; }

    internal SeenValues? Seen { get; init; }

    /// <summary>A string column that may name the device; null: none.</summary>
    internal string? MayBeDevice { get; init; }

    internal void Refuse(RefusedRow row)
    {
        if (row.Reason is FileFault.Truncated or FileFault.Rotated)
        {
            Console.Error.WriteLine(PrintableText.Of($"streamlearn: {row}: read from its start"));
            return;
        }

        _isEnded |= row.Reason is FileFault.BadHeader or FileFault.DamagedFile;
        _refusals.Add($" {Printable.Place(row)}", isAlways: _isEnded);
    }

    /// <summary>Reports only the first refused lines and messages.</summary>
    internal void RefuseLive(string why) => _refusals.Add(why);

    /// <summary>Reports only the first window of another duration: across a gap, backward in time, or with mixed devices.</summary>
    internal void RefuseWindow(Batch window)
    {
        if (++_untimely > 1) { return; }
        var times = window[Schema.TimeColumn].Values<long>();
        Console.Error.WriteLine(FormattableString.Invariant(
            $"streamlearn: not answered: a window of {window.Rows} rows spans {(times[^1] - times[0]) / 1e9:0.###} s, where the ")
            + FormattableString.Invariant($"model was learned from {model.Preparation.RowsPerSecond ?? 1:0.###} rows a second"));
    }

    /// <summary>Reports each of the first devices once whose rows come at another rate than the model's.</summary>
    internal void SayResampled(int device, double rate)
    {
        lock (_resampled)
        {
            if (_resampled.Count == Named || !_resampled.Add(Math.Max(0, device))) { return; }
        }

        var of = Devices is null ? "rows" : $"rows of {Devices.All[Math.Max(0, device)]}";
        Console.Error.WriteLine($"streamlearn: {of} are resampled from {RateText.Of(rate)} to the model's "
            + RateText.Number(model.Preparation.RowsPerSecond!.Value)
            + (Devices is null ? "; if they are of several devices, --device tells these apart" : ""));
    }

    internal void Answer(Batch window)
    {
        if (_answerer.Answer(model.Weights, window) is not var (place, confidence, _))
        {
            if (++_unanswered == 1) { Console.Error.WriteLine("streamlearn: not answered: a window with values too large"); }
            return;
        }

        var device = AnswerRows.DeviceOf(window);
        if (Devices is not null) { _answered.Add(Devices.All[device]); }
        var set = !model.AnswersValue && Bound is { } bound ? _set.AsSpan(0, ConformalScores.Set(_answerer.Scores, bound, _set)) : default;
        Add(window[Schema.TimeColumn].Values<long>()[^1], model.AnswersValue ? _answerer.Scores[0] : null, place, confidence, set, device);
    }

    internal void Print(WindowAnswer answer)
    {
        var set = _set.AsSpan(0, answer.Possible.Length);
        for (var i = 0; i < set.Length; i++) { set[i] = model.Classes.IndexOf(answer.Possible[i]); }
        Add((answer.Time - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick, answer.Value,
            model.Classes.IndexOf(answer.Class), answer.Confidence, set, device: 0);
    }

    private void Add(long time, float? value, int place, float confidence, ReadOnlySpan<int> set, int device)
    {
        _answers++;
        if (value is { } number) { answers.Add(time, number, Bound ?? float.NaN, device); }
        else { answers.Add(time, place, confidence, set, device); }
    }

    /// <summary><paramref name="filled"/>: metrics of the row-filling block.</summary>
    internal void SayCounts(BlockMetrics filled)
    {
        Say(filled.Counter("rows-filled"), "rows with missing values were filled in");
        Say(filled.Counter("rows-between"), "rows missing between others were interpolated");
        Say(filled.RowsDropped.GetValueOrDefault("missing"), "rows were left out because of missing values, or values too large");
        Say(filled.RowsDropped.GetValueOrDefault("repeated-time"),
            "rows with the same time as the previous row were left out" + OfSeveral);
        Say(filled.RowsDropped.GetValueOrDefault("stray-time"),
            "rows with a time far from the surrounding rows were left out" + OfSeveral);
        _refusals.SayCount("rows were ");       // the count always exceeds one
        Say(_untimely, Windows(_untimely) + " times");
        Say(_unanswered, Windows(_unanswered) + " values");
        foreach (var unlike in Seen?.Lines() ?? []) { Console.Error.WriteLine(PrintableText.Of($"streamlearn: {unlike}")); }
        List<string> without = Devices is null ? [] : [.. Devices.All.Except(_answered)];      // a device may have several files
        if (without.Count == 0) { return; }
        Console.Error.WriteLine($"streamlearn: no answers for {string.Join(", ", without.Take(Named).Select(Short))}"
            + (without.Count > Named ? FormattableString.Invariant($" and {without.Count - Named:N0} more devices") : "")
            + FormattableString.Invariant($": no complete window of {model.Preparation.WindowRows} rows at the model's rate"));
    }

    private string OfSeveral => Devices is not null ? "" : "; are they of several devices? --device "
        + (MayBeDevice is null ? "COLUMN tells them apart" : $"{OwnColumns.Quoted(MayBeDevice)} tells them apart");

    private static string Short(string name) => name.Length <= MaxOfName ? name : $"{name.AsSpan(0, MaxOfName)}…";

    /// <summary>Returns why no window was answered; null if some were.</summary>
    private string? WhyNone => _answers > 0 ? null : _untimely + _unanswered > 0 ? $"{option}: no window could be answered"
        : $"{option}: no complete window: the model needs {model.Preparation.WindowRows} rows at a time"
            + (model.Preparation.Calendar is null ? "" : ", and dates: the hour is one of its inputs");

    internal void RequireAnswers()
    {
        if (_isEnded) { throw new ProgramException($"{option}: a file could not be read to its end", ExitCode.DataRefused); }
        if (WhyNone is not { } why) { return; }
        answers.Clear();
        throw new ProgramException(why, ExitCode.DataRefused);
    }

    private static string Windows(long count) =>
        count == 1 ? "window was not answered because of its" : "windows were not answered because of their";

    private static void Say(long count, string what)
    {
        if (count > 0) { Console.Error.WriteLine(FormattableString.Invariant($"streamlearn: {count:N0} {what}")); }
    }
}
