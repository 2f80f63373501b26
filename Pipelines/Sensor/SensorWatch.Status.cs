using System.Text.Json;
using StreamLearn.Models;

namespace Sensor;

internal sealed partial class SensorWatch
{
    private static readonly string[] PartCounters = ["parts-answered", "parts-here", "parts-moved", "parts-refused", "workers-lost"];

    /// <summary>The status is written as often as the state.</summary>
    private bool IsStatusDue()
    {
        var now = TimeProvider.System.GetTimestamp();
        if (_statusAt is { } at && TimeProvider.System.GetElapsedTime(at, now) + Tolerance < config.SaveEvery) { return false; }
        _statusAt = now;
        return true;
    }

    private void WriteStatus(string state)
    {
        if (state == "running" && !IsStatusDue()) { return; }
        try
        {
            StatusFile.Write(config.Link.State, json =>
            {
                WriteRows(json, state);
                if (!config.Learns) { return; }
                json.WriteNumber("windows", Windows);
                json.WriteNumber("windows_without_label", Unlabelled);
                foreach (var (reason, count) in WindowsLeftOut) { json.WriteNumber(reason, count); }
                if (config.Columns.Label?.Later is not null) { WriteLabels(json); }
                if (config.Answers is { } answers) { WriteAnswers(json, answers); }
                WriteLearning(json);
            });
            if (_diskFailed) { Say($"{StatusFile.Name} is written again"); }
            _diskFailed = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_diskFailed) { Say($"{StatusFile.Name} cannot be written: {e.Message}"); }
            _diskFailed = true;
        }
    }

    private void WriteRows(Utf8JsonWriter json, string state)
    {
        json.WriteString("program", "streamlearn-sensor");
        json.WriteString("state", state);
        json.WriteString("fleet", config.Link.Fleet);
        json.WriteString("server", EdgeServer.NameOf(config.Link.Url));
        json.WriteBoolean("connected", HasLink ? _link.IsConnected : _places.TrueForAll(static p => p.IsReached));
        json.WriteString("started", started);
        json.WriteString("written", TimeProvider.System.GetUtcNow());
        if (config.SaveEvery is { } every) { json.WriteNumber(StatusFile.EverySeconds, every.TotalSeconds); }
        json.WriteNumber("process", Environment.ProcessId);
        json.WriteNumber("devices", runs.Count);
        json.WriteNumber("devices_ended", Ended);
        json.WriteNumber("rows", Rows);
        if (_rows.LastRowSecondsAgo is { } ago) { json.WriteNumber("last_row_seconds_ago", ago); }
        json.WriteNumber("devices_without_rows", _rows.Silent);
        var leftOut = LeftOut;
        json.WriteNumber("rows_left_out", leftOut.Sum(static l => l.Count));
        foreach (var (reason, count) in leftOut) { json.WriteNumber($"rows_left_out_{reason}", count); }
        foreach (var (reason, count) in Unusable) { json.WriteNumber($"messages_left_out_{reason}", count); }
        if (config.Anomalies is not null) { AnomaliesShown.Write(json, runs); }
        comparison?.Write(json);
    }

    private void WriteLabels(Utf8JsonWriter json)
    {
        json.WriteNumber("windows_waiting_for_label", Waiting);
        json.WriteNumber("labels", Sum("hold-for-labels", static b => b.Counter("labels") - b.Counter("labels-of-others")));
        foreach (var counter in LabelCounters)
        {
            json.WriteNumber(counter.Replace('-', '_'), Sum("hold-for-labels", b => b.Counter(counter)));
        }

        json.WriteNumber("labels_malformed", runs.Sum(static r => r.Metrics.Blocks
            .Where(static b => b.Block.EndsWith("/console/up/label", StringComparison.Ordinal))
            .Sum(static b => b.Drops.GetValueOrDefault("malformed"))));
    }

    private void WriteAnswers(Utf8JsonWriter json, AnswersConfig answers)
    {
        json.WriteNumber("answers", Sum("answer", static b => b.ItemsOut));
        if (answers.IsInt8)
        {
            json.WriteString("precision", "int8");
            json.WriteNumber("answers_int8", Sum("answer", static b => b.Counter("int8")));
        }

        if (answers.Across is not null) { WriteAcross(json); }
        if (answers.Parts is not null)
        {
            foreach (var counter in PartCounters)
            {
                json.WriteNumber(counter.Replace('-', '_'), Sum("infer-in-parts", b => b.Counter(counter)));
            }
        }

        if (answers.Bound is not null)
        {
            json.WriteNumber("labels_within_bound", Sum("answer", static b => b.Counter("labels-within")));
            json.WriteNumber("labels_outside_bound", Sum("answer", static b => b.Counter("labels-outside")));
            json.WriteNumber("bound_alarms", Sum("answer", static b => b.Counter("bound-alarms")));
            json.WriteNumber("answers_unbounded", Sum("answer", static b => b.Counter("unbounded")));
        }

        if (answers.ExitsText is { } exits) { json.WriteString("exits", exits); }
        if (answers.Exits?.Adaptive is not null)
        {
            json.WriteNumber("windows_compared", Sum("infer", static b => b.Counter("rows-compared")));
            var network = (Network)(devices[0].Answering?.Model ?? devices[0].Model);
            var last = FormattableString.Invariant($"exit-{network.ExitCount - 1}");
            json.WriteNumber("answers_early", Sum("infer", b => b.ItemsIn - b.Counter(last)));
            json.WriteNumber("exit_alarms", Sum("infer", static b => b.Counter("exit-alarms")));
        }

        json.WriteNumber("answers_lost", runs.Sum(static r => r.Metrics.Blocks
            .Where(static b => b.Block.StartsWith("publish ", StringComparison.Ordinal))
            .Sum(static b => b.Drops.GetValueOrDefault("drop-oldest"))));
        json.WriteNumber("alerts", runs.Sum(static r => r.Metrics.Blocks
            .Where(static b => b.Block.StartsWith("alert ", StringComparison.Ordinal)).Sum(static b => b.ItemsOut)));
    }

    private void WriteAcross(Utf8JsonWriter json)
    {
        json.WriteNumber("answers_by_aggregator", Sum("answered-by-aggregator", static b => b.ItemsIn));
        json.WriteNumber("cut_moves", Sum("infer-across", static b => b.Counter("cut-moves")));
        json.WriteStartArray("cuts");
        foreach (var run in runs)
        {
            if (run.Metrics["infer-across"].Gauges.TryGetValue("cut", out var cut)) { json.WriteNumberValue(cut); }
        }

        json.WriteEndArray();
        json.WriteString("where", AcrossShown.Of(runs[0].Metrics, devices[0]));
    }

    private void WriteLearning(Utf8JsonWriter json)
    {
        if (score.Accuracy is { } accuracy) { json.WriteNumber("accuracy_before_learning", Math.Round(accuracy, 4)); }
        if (score.MeanAbsoluteError is { } error) { json.WriteNumber("error_before_learning", error); }
        if (HeldUp is var (device, block))
        {
            json.WriteString("held_up_device", device);
            json.WriteString("held_up_by", block.Block);
            json.WriteNumber("held_up_seconds", Math.Round(block.Time.TotalSeconds, 1));
        }

        if (model.Difference is { } difference) { json.WriteString("model_differs", difference); }
        json.WriteBoolean("learning_ended", HasLearningEnded);
        json.WriteNumber("rows_trained", Counter("rows-trained"));
        json.WriteNumber("updates_sent", Counter("updates-sent"));
        json.WriteNumber("updates_answered", Counter("updates-answered"));
        if (config.Learn.Split is null)
        {
            json.WriteNumber("updates_applied", Counter("updates-applied"));
            json.WriteNumber("updates_refused", Counter("updates-refused"));
            json.WriteNumber("updates_held", runs.Sum(static r => (long)r.Metrics[Train].Gauges.GetValueOrDefault("updates-held")));
        }
        else { SplitShown.Write(json, [.. runs.Select(static r => r.Metrics[Train])]); }

        SignificanceShown.Write(json, Kept);

        if (Answers.WaitingSeconds is { } waiting) { json.WriteNumber("seconds_without_answer", waiting); }
        foreach (var (reason, count) in RefusedUpdates.ByReason(Counters)) { json.WriteNumber($"updates_refused_{reason}", count); }
    }
}
