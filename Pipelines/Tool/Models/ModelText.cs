using System.Collections.Immutable;
using StreamLearn.Tables;

namespace Tool;

internal static class ModelText
{
    private const int MaxShown = 400;       // maximum characters of a value

    internal static string Of(LoadedModel loaded)
    {
        var (plan, card, text) = (loaded.Model.Plan, loaded.Card, new StringBuilder());
        Line(text, "model", loaded.Model.Structure);
        if (loaded.Model is Int8Network) { Line(text, "precision", "int8: 8-bit weights in files, integer arithmetic for answers"); }
        Line(text, "input", Named(plan.Input.ToString(), Columns(loaded).Select(f => $"{f.Name} [{f.Unit}]")));
        Line(text, "output", Named(string.Create(CultureInfo.InvariantCulture, $"[{plan.Outputs}]"), card.Labels));
        Line(text, "multiply-adds", Count(plan.MultiplyAdds));
        Line(text, "values", Count(plan.Values));
        Line(text, "bytes", Count(plan.ParameterBytes));
        Line(text, "version", loaded.Weights.Version.ToString(CultureInfo.InvariantCulture));
        Line(text, "model schema", plan.SchemaHash.ToString("x16", CultureInfo.InvariantCulture));
        foreach (var (key, value) in card.Provenance) { Line(text, key, Shown(value)); }
        text.Append('\n').Append(CultureInfo.InvariantCulture, $"{"part",-32} {"kind",-10} {"values",12} {"bytes",14}");
        foreach (var slice in plan.Slices)
        {
            text.Append('\n').Append(CultureInfo.InvariantCulture,
                $"{Tapped.Plain(slice.Name),-32} {Kind(slice),-10} {Count(slice.Length),12} {Count(4L * slice.Length),14}");
        }

        return text.ToString();
    }

    /// <summary>Returns the columns from the model, otherwise from its card; also those of window rows if the model uses them
    /// unchanged.</summary>
    internal static ImmutableArray<Field> Columns(LoadedModel loaded) =>
        !loaded.Model.Plan.Features.IsEmpty ? loaded.Model.Plan.Features
            : !loaded.Card.Channels.IsEmpty ? loaded.Card.Channels
            : Preparation.Of(loaded.Card) is { } rows && (rows.WindowRows == 1 || Preparation.TakesRows(rows.Kind))
                && rows.Input == loaded.Model.Plan.Input && rows.Calendar is null ? rows.Channels : [];

    internal static string Kind(Slice slice) => slice.Kind.ToString().ToLowerInvariant();

    private static string Named(string shape, IEnumerable<string> names) =>
        string.Join(", ", names) is { Length: > 0 } list ? $"{shape} {list}" : shape;

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Replaces bytes and long values with their type and length.</summary>
    private static string Shown(string value)
    {
        if (value.Length <= MaxShown) { return value; }
        var bytes = new byte[value.Length];
        return Convert.TryFromBase64String(value, bytes, out var length) ? $"{Count(length)} bytes, in base64; --json has them"
            : $"{value[..MaxShown]}…, {Count(value.Length)} characters; --json has them";
    }

    private static void Line(StringBuilder text, string name, string value) =>
        text.Append(CultureInfo.InvariantCulture, $"{Tapped.Plain(name),-14} {Tapped.Plain(value)}\n");
}
