using System.Text.Json;
using StreamLearn.Tables;

namespace StreamLearn.Programs;

/// <summary>A model's inputs and outputs by name; distinguishes models of equal shape. Immutable.</summary>
internal sealed record ModelSignature(ImmutableArray<Field> Columns, int WindowRows, string Prepared) : ISized
{
    /// <summary>Maximum bytes of a message.</summary>
    internal const int MaxBytes = 256 << 10;

    private const int MaxNames = 1024;
    private const int Listed = 8;

    public ImmutableArray<string> Classes { get; init; } = [];

    public Field? Target { get; init; }

    /// <summary>The usual range of that value, used for scaling; default null: unknown.</summary>
    public (double Low, double High)? TargetRange { get; init; }

    public double? RowsPerSecond { get; init; }

    /// <summary>The model's device; default empty: the fleet.</summary>
    public string Device { get; init; } = "";

    /// <summary>The device's start; 0 for the fleet.</summary>
    public long Epoch { get; init; }

    /// <summary>The devices that told their model; default: not said, as by a device or an older aggregator.</summary>
    public ImmutableArray<string> Devices { get; init; }

    /// <summary>Whether each of <see cref="Devices"/>, or the own device, takes labels that come later; null: not said.</summary>
    public ImmutableArray<bool?> Later { get; init; } = [];

    public long SizeBytes => 128 + (Devices.IsDefault ? 0 : Devices.Sum(static d => 32L + d.Length)) + (2 * Later.Length)
        + Columns.Sum(static c => 64L + c.Name.Length) + Classes.Sum(static c => 32L + c.Length);

    /// <summary>UTF-8 JSON objects: <c>{"device":"m2","epoch":1772366400000,"classes":["good","worn"],"columns":["x [m/s2]"],
    /// "window":128,"rate":50,"prepared":"conv"}</c>.</summary>
    public static ICodec<ModelSignature> Codec { get; } = new JsonCodec<ModelSignature>("model-signature/1", Write, Read);

    /// <summary>The part that the model's schema hash covers. Measured rates count as the nearest preferred number of ISO 3, series R10:
    /// 49.8 and 50 Hz are equal, 40 and 50 Hz are not.</summary>
    public string Text
    {
        get
        {
            var text = new StringBuilder();
            foreach (var name in Classes) { Add("class", name); }
            if (Target is { } target) { Add("target", target.Name, target.Unit.Symbol); }
            foreach (var column in Columns) { Add("column", column.Name, column.Unit.Symbol); }
            Add("window", WindowRows.ToString(CultureInfo.InvariantCulture));
            Add("prepared", Prepared);
            if (RateStep is { } step) { Add("rate", step.ToString(CultureInfo.InvariantCulture)); }
            return text.ToString();

            void Add(string what, params ReadOnlySpan<string> values)
            {
                text.Append(what);
                foreach (var value in values) { text.Append(CultureInfo.InvariantCulture, $" {value.Length}:{value}"); }
                text.Append('\n');
            }
        }
    }

    internal bool? TakesLater(string device) =>
        !Devices.IsDefault && Devices.IndexOf(device) is >= 0 and var at && at < Later.Length ? Later[at] : null;

    private int? RateStep => RowsPerSecond is { } rate ? (int)Math.Round(10 * Math.Log10(rate)) : null;

    public static ModelSignature? Of(ModelCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        var target = TargetCard.Of(card);
        return Preparation.Of(card) is { } preparation && (target is not null || !card.Labels.IsEmpty)
            ? Of(preparation, card.Labels, target is var (name, unit, _) ? Field.Channel(name, unit) : null) : null;
    }

    internal static ModelSignature Of(
        Preparation preparation, ImmutableArray<string> classes, Field? target, (double Low, double High)? range = null) =>
        new(preparation.Channels, preparation.WindowRows,
            Preparation.Word(preparation.Kind) + (preparation.Rocket is { } kernels ? $" {kernels.Fingerprint:x16}" : "")
                + (preparation.Calendar is { } calendar ? $" by {calendar.Text}" : ""))
        {
            Classes = target is null ? classes : [],
            Target = target,
            TargetRange = range,
            RowsPerSecond = preparation.RowsPerSecond,
        };

    public string? DifferenceFrom(ModelSignature other, string own, string others)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Difference(other, own, others) is { } text ? PrintableText.Of(text) : null;
    }

    private string? Difference(ModelSignature other, string own, string others)
    {
        if (Target != other.Target) { return $"{own} answers {Answer}, {others} {other.Answer}"; }
        if (TargetRange is var (low, high) && other.TargetRange is var (otherLow, otherHigh) && (low, high) != (otherLow, otherHigh))
        {
            return FormattableString.Invariant($"the range of '{Target?.Name}' is {low} to {high} in {own}, {otherLow} to {otherHigh} in ")
                + others;
        }

        if (Names("classes", Classes, other.Classes) is { } classes) { return classes; }
        if (Names("columns", [.. Columns.Select(static c => c.Name)], [.. other.Columns.Select(static c => c.Name)]) is { } columns)
        {
            return columns;
        }

        foreach (var (mine, theirs) in Columns.Zip(other.Columns).Where(static c => c.First.Unit != c.Second.Unit))
        {
            return $"column '{mine.Name}' is in {mine.Unit} in {own}, in {theirs.Unit} in {others}";
        }

        return Prepared != other.Prepared ? $"{own} has model.kind {Kind}, {others} {other.Kind}"
            : WindowRows != other.WindowRows ? FormattableString.Invariant($"{own} has windows of {WindowRows} rows, {others} of ")
                + FormattableString.Invariant($"{other.WindowRows}")
            : RateStep != other.RateStep ? $"rows come at {Rate} in {own}, at {other.Rate} in {others}" : null;

        string? Names(string what, ImmutableArray<string> mine, ImmutableArray<string> theirs) => mine.SequenceEqual(theirs) ? null
            : mine.Length != theirs.Length ? FormattableString.Invariant($"{own} has {mine.Length} {what}, {others} {theirs.Length}: ")
                + ListOf(theirs)
            : mine.Except(theirs).ToList() is [var first, ..] ? $"{own} has the {what} {ListOf(mine)}, {others} {ListOf(theirs)}"
                + (mine.Length > Listed ? $": '{first}' is not among them" : "")
            : $"{own} has the {what} in the order {ListOf(mine)}, {others} in the order {ListOf(theirs)}: expected one model.file in both";
    }

    private string Answer => Target is null ? $"classes: {ListOf(Classes)}" : $"the value '{Target.Name}' in {Target.Unit}";

    private string Kind => Prepared == Preparation.Word(ModelKind.Conv) ? "network" : Prepared;

    private string Rate => RowsPerSecond is { } rate ? FormattableString.Invariant($"{rate:0.###}/s") : "an unknown rate";

    private static string ListOf(ImmutableArray<string> names) => string.Join(", ", names.Take(Listed))
        + (names.Length > Listed ? FormattableString.Invariant($" and {names.Length - Listed} more") : "");

    public bool Equals(ModelSignature? other) => other is not null && (Device, Epoch, TargetRange, Text)
        == (other.Device, other.Epoch, other.TargetRange, other.Text);

    public override int GetHashCode() => HashCode.Combine(Device, Epoch, Columns.Length, Classes.Length);

    private static void Write(Utf8JsonWriter json, ModelSignature value)
    {
        if (value.Device.Length > 0) { json.WriteString("device", value.Device); }
        if (value.Epoch != 0) { json.WriteNumber("epoch", value.Epoch); }
        WriteTexts("classes", value.Classes);
        if (value.Target is { } target) { json.WriteString("target", ModelConfig.TextOf(target)); }
        if (value.TargetRange is var (low, high))
        {
            json.WriteStartArray("range");
            json.WriteNumberValue(low);
            json.WriteNumberValue(high);
            json.WriteEndArray();
        }

        WriteTexts("columns", [.. value.Columns.Select(ModelConfig.TextOf)]);
        json.WriteNumber("window", value.WindowRows);
        if (value.RowsPerSecond is { } rate) { json.WriteNumber("rate", rate); }
        json.WriteString("prepared", value.Prepared);
        if (!value.Devices.IsDefault) { WriteTexts("devices", value.Devices); }
        if (value.Later.Length > 0)
        {
            json.WriteStartArray("later");
            foreach (var takes in value.Later)
            {
                if (takes is { } said) { json.WriteBooleanValue(said); }
                else { json.WriteNullValue(); }
            }

            json.WriteEndArray();
        }

        void WriteTexts(string name, ImmutableArray<string> texts)
        {
            json.WriteStartArray(name);
            foreach (var text in texts) { json.WriteStringValue(text); }
            json.WriteEndArray();
        }
    }

    private static ModelSignature Read(JsonElement json)
    {
        return new([.. TextsOf("columns").Select(ModelConfig.FieldOf)], json.GetProperty("window").GetInt32(), TextOf("prepared") ?? "")
        {
            Devices = json.TryGetProperty("devices", out _) ? TextsOf("devices") : default,
            Later = json.TryGetProperty("later", out _) ? [.. ListOf("later").Select(static l =>
                l.ValueKind == JsonValueKind.Null ? (bool?)null : l.GetBoolean())] : [],
            Classes = TextsOf("classes"),
            Target = TextOf("target") is { } target ? ModelConfig.FieldOf(target) : null,
            TargetRange = json.TryGetProperty("range", out var range) && range.GetArrayLength() == 2
                ? (range[0].GetDouble(), range[1].GetDouble()) : null,
            RowsPerSecond = json.TryGetProperty("rate", out var rate) && rate.GetDouble() is > 0 and < 1e9 and var a ? a : null,
            Device = TextOf("device") ?? "",
            Epoch = json.TryGetProperty("epoch", out var epoch) ? epoch.GetInt64() : 0,
        };

        string? TextOf(string name) => json.TryGetProperty(name, out var text) && text.GetString() is { Length: > 0 } some ? some : null;

        ImmutableArray<string> TextsOf(string name) => [.. ListOf(name).Select(static t => t.GetString() ?? "")];

        IEnumerable<JsonElement> ListOf(string name) => json.GetProperty(name) is var list && list.GetArrayLength() > MaxNames
            ? throw new FormatException($"expected at most {MaxNames} {name}") : list.EnumerateArray();
    }
}
