using System.Text.Json;
using System.Text.Json.Serialization;

namespace StreamLearn.Simulated;

/// <summary>What <c>charts.js</c> draws: curves, or rows with bars or cells. <paramref name="Label"/>: for screen readers.</summary>
internal sealed record Chart(string Label)
{
    public IEnumerable<Curve>? Curves { get; init; }
    public bool? IsSmooth { get; init; }        // true: a mean of nine points over each faint curve
    public IEnumerable<Mark>? Marks { get; init; }
    public double? Level { get; init; }
    public string? LevelText { get; init; }
    public string? XUnit { get; init; }
    public string? XShort { get; init; }        // after a number of the x axis; null: s
    public string? XName { get; init; }         // of the x axis in the legend; null: time
    public double? XHigh { get; init; }
    public int? Height { get; init; }           // pixels

    public IEnumerable<string>? Rows { get; init; }
    public IReadOnlyList<Bars>? Bars { get; init; }
    public IEnumerable<string>? Totals { get; init; }       // text at the end of each row; bars of a row are then behind one another
    public IEnumerable<double[]>? Cells { get; init; }      // row, where it begins, width, strength from 0 to 1
    public IEnumerable<string>? Tips { get; init; }         // text of each cell
    public IEnumerable<Shade>? Shades { get; init; }        // what the strengths mean
    public IEnumerable<long>? Dots { get; init; }           // a place in each row
    public IEnumerable<long>? Ticks { get; init; }
    public string? Color { get; init; }
    public double? RowHeight { get; init; }     // pixels

    public string? Unit { get; init; }          // of curves: % or none; of rows: text under the axis
    public double? Low { get; init; }
    public double? High { get; init; }

    /// <summary>The serializer escapes what could end the element.</summary>
    internal Fragment Draw() => Fragment.Of(
        $"""
        <div class="chart">
        <script type="application/json">{new Fragment(JsonSerializer.Serialize(this, ChartJson.Default.Chart))}</script></div>

        """);

    internal Fragment Under(string heading) => Fragment.Of($"<div><h4>{heading}</h4>\n{Draw()}</div>\n");
}

/// <summary><paramref name="Points"/>: x and y; a NaN is a gap.</summary>
internal sealed record Curve(string Name, string Color, IEnumerable<double[]> Points);

internal sealed record Mark(double X, double Y, string Color, string Text);

internal sealed record Bars(string Name, string Color, IEnumerable<double> Values, IEnumerable<string> Texts)
{
    internal static Bars Of<T>(string name, string color, IEnumerable<T> rows, Func<T, double> value, Func<double, string> text) =>
        new(name, color, rows.Select(value), rows.Select(r => text(value(r))));
}

internal sealed record Shade(string Name, double Alpha);

/// <summary>JSON has no NaN: null.</summary>
internal sealed class FiniteNumber : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value)) { writer.WriteNumberValue(Math.Round(value, 6)); }
        else { writer.WriteNullValue(); }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(FiniteNumber)])]
[JsonSerializable(typeof(Chart))]
internal sealed partial class ChartJson : JsonSerializerContext;
