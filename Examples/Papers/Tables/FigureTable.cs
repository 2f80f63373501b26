using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Partition;

/// <summary>Figures as tables for people, and as JSON.</summary>
internal static class FigureTable
{
    private static readonly string[] Heads = ["published", "specified", "ours"];

    /// <summary>A table for each system.</summary>
    internal static IEnumerable<string> Lines(IReadOnlyList<Figure> figures)
    {
        var what = figures.Max(static figure => figure.What.Length);
        foreach (var system in figures.GroupBy(static figure => figure.System))
        {
            yield return "";
            yield return $"{system.Key.PadRight(what)}  {Heads[0],10}  {Heads[1],12}  {Heads[2],9}  why they differ";
            foreach (var figure in system)
            {
                yield return $"{figure.What.PadRight(what)}  {Or(figure.Published),10}  {Or(figure.Calibrated),12}  {Ours(figure),9}  "
                    + figure.Why;
            }
        }
    }

    /// <summary>An array of objects.</summary>
    internal static string Json(IReadOnlyList<Figure> figures)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartArray();
            foreach (var figure in figures)
            {
                json.WriteStartObject();
                json.WriteString("system", figure.System);
                json.WriteString("what", figure.What);
                json.WriteString("published", figure.Published);
                json.WriteString("specified", figure.Calibrated);
                json.WriteNumber("ours", figure.Ours);
                json.WriteString("oursText", Ours(figure));
                json.WriteString("why", figure.Why);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static string Ours(Figure figure) => figure.Ours.ToString(figure.Format, CultureInfo.InvariantCulture);

    private static string Or(string text) => text.Length == 0 ? "-" : text;
}
