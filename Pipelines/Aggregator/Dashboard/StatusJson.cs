using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Aggregator;

/// <summary>Writes statuses as JSON. Escapes non-ASCII and HTML characters.</summary>
internal static class StatusJson
{
    internal const string Format = "streamlearn-status/1";

    /// <summary>Maximum number of classes written per device, to bound the status of a thousand devices.</summary>
    internal const int MaxClasses = 64;

    /// <summary>Serializes the status with devices and without curves.</summary>
    internal static ReadOnlyMemory<byte> Of(FleetStatus status) => Write(json =>
    {
        WriteFacts(json, status);
        DevicesJson.Write(json, status, 0);
    });

    /// <summary>Serializes all facts, the changed devices and the new points.</summary>
    internal static ReadOnlyMemory<byte> Of(FleetStatus status, StatusCursor cursor) => Write(json =>
    {
        WriteFacts(json, status);
        DevicesJson.Write(json, status, cursor.Change is { } change ? change + 1 : 0);
        WriteScores(json, status.Scores, cursor.Scores.From(status.Scores));
        WriteBudgets(json, status.Budgets, cursor.Budgets.From(status.Budgets));
        WriteMoments(json, status.Moments, cursor.Moments.From(status.Moments));
        WriteOwns(json, status.Owns, cursor.Owns.From(status.Owns));
    });

    internal static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    internal static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteFacts(Utf8JsonWriter json, FleetStatus status)
    {
        var (facts, counters) = (status.Facts, status.Counters);
        json.WriteString("format", Format);
        json.WriteString("at", Time(status.At));
        json.WriteBoolean("running", status.Running);
        json.WriteBoolean("waiting", status.IsWaiting);
        json.WriteString("fleet", ShownText.Of(facts.Fleet));
        json.WriteString("server", facts.Server);
        json.WriteString("classes", string.Join(", ", facts.ClassNames.Take(MaxClasses).Select(ShownText.Of)));
        json.WriteBoolean("connected", counters.Connected);
        if (status.Lead is { } lead) { WriteLead(json, lead, status.At); }
        json.WriteNumber("process", facts.Process);
        json.WriteString("started", Time(facts.Started));
        json.WriteBoolean("judges", facts.Judges);
        json.WriteString("strategy", status.Strategy);
        json.WriteNumber("version", status.Version);
        WriteTime(json, "versionAt", status.VersionAt);
        json.WriteNumber("versionUpdates", status.VersionUpdates);
        json.WriteNumber("missing", status.Missing);
        if (status.Budget is { } budget) { WriteBudget(json, budget); }
        json.WriteStartObject("score");
        if (status.Score is { } score)
        {
            json.WriteNumber("version", score.Version);
            WriteReal(json, "accuracy", score.Accuracy);
            WriteReal(json, "loss", score.Loss);
        }

        json.WriteEndObject();
        if (status.Own is { } own) { WriteOwn(json, own, facts); }
        if (status.Plan is { } plan) { PlanJson.Write(json, plan, facts.Layers); }
        WriteReal(json, "quietAfterSeconds", facts.QuietAfter.TotalSeconds);
        json.WriteNumber("devicesAlive", counters.Alive);
        json.WriteNumber("devicesLeft", status.CountOf(DeviceStanding.Left));
        json.WriteNumber("devicesQuiet", status.CountOf(DeviceStanding.Quiet));
        json.WriteNumber("updatesInRound", counters.InRound);
        json.WriteNumber("accepted", counters.Accepted);
        json.WriteStartObject("refused");
        foreach (var (reason, count) in counters.Refused) { json.WriteNumber(ShownText.Of(reason), count); }
        json.WriteEndObject();
        json.WriteNumber("capped", counters.Capped);
        json.WriteNumber("versionsImplausible", counters.VersionsImplausible);
        json.WriteNumber("versionsRestored", counters.Restored + counters.Recovered);
        WriteReal(json, "acceptedPerSecond", status.PerSecond.Accepted);
        WriteReal(json, "refusedPerSecond", status.PerSecond.Refused);
        WriteReal(json, "acceptedPerMinute", status.PerMinute.Accepted);
        WriteReal(json, "refusedPerMinute", status.PerMinute.Refused);
        WriteStaleness(json, status.Staleness?.P50, status.Staleness?.P95);
        json.WriteNumber("backlog", counters.Backlog);
        json.WriteNumber("bytesIn", counters.BytesIn);
        json.WriteNumber("bytesOut", counters.BytesOut);
        json.WriteNumber("unlisted", status.Unlisted);
    }

    private static void WriteLead(Utf8JsonWriter json, LeadStatus lead, DateTimeOffset now)
    {
        json.WriteStartObject("lead");
        json.WriteBoolean("leads", lead.Leads);
        json.WriteString("leader", lead.Leader is { } leader ? ShownText.Of(leader.Holder) : null);
        WriteTime(json, "since", lead.Leader?.Since);
        json.WriteString("text", lead.Text(now));
        json.WriteEndObject();
    }

    /// <summary>Each window is scored before it is learned from.</summary>
    private static void WriteOwn(Utf8JsonWriter json, FleetAccuracy own, FleetFacts facts)
    {
        json.WriteStartObject("own");
        json.WriteNumber("devices", own.Devices);
        WriteScored(json, new(own.Windows, own.Right), new(own.Newest, own.NewestRight), own.NewestLoss, own.Classes);
        WriteReal(json, "newestAccuracy", own.NewestAccuracy);
        json.WriteString("worth", own.Worth(facts.ClassNames));
        json.WriteStartArray("names");
        for (var c = 0; c < Math.Min(own.Classes.Length, MaxClasses); c++)
        {
            json.WriteStringValue(FleetAccuracy.NameOf(c, facts.ClassNames));
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes what the fleet's accuracy and a device's have in common.</summary>
    internal static void WriteScored(
        Utf8JsonWriter json, ClassCount all, ClassCount newest, double newestLoss, ImmutableArray<ClassCount> classes)
    {
        json.WriteNumber("windows", all.Windows);
        json.WriteNumber("right", all.Right);
        json.WriteNumber("newestWindows", newest.Windows);
        json.WriteNumber("newestRight", newest.Right);
        WriteReal(json, "newestLoss", newestLoss);
        json.WriteStartArray("classes");
        foreach (var (windows, right) in classes.Length > MaxClasses ? [] : classes)
        {
            json.WriteStartArray();
            json.WriteNumberValue(windows);
            json.WriteNumberValue(right);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static void WriteOwns(Utf8JsonWriter json, CurvePoints<OwnPoint> owns, int from)
    {
        WriteCurve(json, "owns", owns, from);
        WriteColumn(json, "time", owns, from, static (j, o) => WriteRealValue(j, o.At.ToUnixTimeMilliseconds() / 1000.0));
        WriteColumn(json, "accuracy", owns, from, static (j, o) => WriteRealValue(j, o.Accuracy));
        WriteColumn(json, "loss", owns, from, static (j, o) => WriteRealValue(j, o.Loss));
        json.WriteEndObject();
    }

    private static void WriteBudget(Utf8JsonWriter json, FleetBudget budget)
    {
        json.WriteStartObject("budget");
        json.WriteString("text", budget.Text);
        json.WriteBoolean("ended", budget.HasEnded);
        json.WriteNumber("steps", budget.Steps);
        foreach (var resource in budget.Resources)
        {
            json.WriteStartObject(resource.Name);
            WriteReal(json, "used", resource.Used);
            WriteReal(json, "limit", resource.Limit);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteScores(Utf8JsonWriter json, CurvePoints<VersionScore> scores, int from)
    {
        WriteCurve(json, "scores", scores, from);
        WriteColumn(json, "version", scores, from, static (j, s) => j.WriteNumberValue(s.Version));
        WriteColumn(json, "accuracy", scores, from, static (j, s) => WriteRealValue(j, s.Accuracy));
        WriteColumn(json, "loss", scores, from, static (j, s) => WriteRealValue(j, s.Loss));
        json.WriteEndObject();
    }

    private static void WriteBudgets(Utf8JsonWriter json, CurvePoints<BudgetPoint> budgets, int from)
    {
        WriteCurve(json, "budgets", budgets, from);
        WriteColumn(json, "version", budgets, from, static (j, b) => j.WriteNumberValue(b.Version));
        WriteColumn(json, "steps", budgets, from, static (j, b) => j.WriteNumberValue(b.Steps));
        WriteColumn(json, "used", budgets, from, static (j, b) => WriteRealValue(j, b.Used));
        WriteColumn(json, "delta", budgets, from, static (j, b) => WriteRealValue(j, b.Delta));
        json.WriteEndObject();
    }

    private static void WriteMoments(Utf8JsonWriter json, CurvePoints<FleetMoment> moments, int from)
    {
        WriteCurve(json, "moments", moments, from);
        WriteColumn(json, "time", moments, from, static (j, m) => WriteRealValue(j, m.At.ToUnixTimeMilliseconds() / 1000.0));
        WriteColumn(json, "accepted", moments, from, static (j, m) => WriteRealValue(j, m.Accepted / m.Seconds));
        WriteColumn(json, "refused", moments, from, static (j, m) => WriteRealValue(j, m.Refused / m.Seconds));
        WriteColumn(json, "backlog", moments, from, static (j, m) => j.WriteNumberValue(m.Backlog));
        WriteColumn(json, "bytesIn", moments, from, static (j, m) => WriteRealValue(j, m.BytesIn / m.Seconds));
        WriteColumn(json, "bytesOut", moments, from, static (j, m) => WriteRealValue(j, m.BytesOut / m.Seconds));
        json.WriteEndObject();
    }

    /// <summary>The reader keeps the points before <paramref name="from"/>; the last <c>tail</c> points are sent again.</summary>
    private static void WriteCurve<T>(Utf8JsonWriter json, string name, CurvePoints<T> curve, int from)
    {
        json.WriteStartObject(name);
        json.WriteNumber("from", from);
        json.WriteNumber("tail", curve.Tail.Length);
    }

    private static void WriteColumn<T>(Utf8JsonWriter json, string name, CurvePoints<T> curve, int from, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (var point in curve.Points.Span[from..]) { write(json, point); }
        foreach (var point in curve.Tail.Span) { write(json, point); }
        json.WriteEndArray();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? at)
    {
        if (at is { } time) { json.WriteString(name, Time(time)); }
        else { json.WriteNull(name); }
    }

    internal static void WriteStaleness(Utf8JsonWriter json, int? p50, int? p95)
    {
        if (p50 is null || p95 is null)
        {
            json.WriteNull("stalenessP50");
            json.WriteNull("stalenessP95");
            return;
        }

        json.WriteNumber("stalenessP50", p50.Value);
        json.WriteNumber("stalenessP95", p95.Value);
    }

    /// <summary>Writes a number; null if not finite.</summary>
    internal static void WriteReal(Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        WriteRealValue(json, value);
    }

    private static void WriteRealValue(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value)) { json.WriteNumberValue(Math.Round(value, 6)); }
        else { json.WriteNullValue(); }
    }
}
