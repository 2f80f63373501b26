using StreamLearn.Simulated;
using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Partition;

/// <summary>A record as one HTML page that needs nothing else: where each layer ran, what crossed the link, and what each cut takes. A
/// slider moves along the record.</summary>
internal static class CutPage
{
    /// <summary>The whole page.</summary>
    internal static string Of(CutRecord record)
    {
        var (first, last) = (record.Steps[0], record.Steps[^1]);
        var text = new StringBuilder(64_000);
        text.Append(CultureInfo.InvariantCulture, $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
            <title>Where each layer answers</title>
            <style>{PageStyle.Plot}{PageStyle.Page}{CutPageStyle.Css}</style></head><body>
            <header class="top"><p class="kicker">StreamLearn <span>Partition infer</span></p>
            <h1>{Headline(record)}</h1>
            <p class="facts">vgg5 on a {record.Device} with a server of the edge at load {record.Load}, {Bits(record)} bits a value,
            alpha {record.Objective.Alpha}. {record.Steps.Length} requests, one a second, played in virtual time; the link carried
            {Mbit(first.BitsPerSecond)} Mbit/s at first and {Mbit(last.BitsPerSecond)} at last. The plan is that of EEoC, made for each
            request by probes that are 10 % off.</p></header>
            <main>
            <div class="steer"><label for="at">Request</label>
            <input type="range" id="at" min="0" max="{record.Steps.Length - 1}" value="0">
            <output id="now" for="at"></output></div>
            <figure><svg id="course" class="course" role="img" aria-label="Rate of the link and layers on the device over time"></svg>
            </figure>
            <div class="sides"><section class="side"><h2>Where each layer runs</h2><ol id="layers" class="layers"></ol></section>
            <section class="side"><h2>What each cut takes now</h2>
            <ul class="legend"><li><i class="k d"></i>device</li><li><i class="k u"></i>up</li><li><i class="k s"></i>server</li><li><i
            class="k w"></i>down</li></ul>
            <h3>Latency, ms</h3><div id="latency" class="bars"></div><h3>Energy of the device, mJ</h3><div id="energy" class="bars"></div>
            </section></div>
            <section class="side"><h2>All requests</h2><div class="scroll"><table><thead><tr><th class="left">plan</th><th>mean ms</th>
            <th>mean mJ</th><th>mean value</th></tr></thead><tbody>

            """);
        foreach (var (name, seconds, joules, value) in record.Means())
        {
            text.Append(CultureInfo.InvariantCulture, $"<tr><th class=\"left\">{name}</th><td>{1e3 * seconds:F3}</td>")
                .Append(CultureInfo.InvariantCulture, $"<td>{1e3 * joules:F3}</td><td>{value:F3}</td></tr>\n");
        }

        return text.Append("</tbody></table></div><p class=\"facts\">Value: alpha times the time and the rest times the energy, each ")
            .Append("against the worse of all on the server and all on the device for the same request; small is good.</p></section>\n")
            .Append("</main>\n<script type=\"application/json\" id=\"record\">")
            .Append(Json(record)).Append("</script>\n<script>").Append(CutPageScript.Code).Append("</script>\n</body></html>\n").ToString();
    }

    /// <summary>The record as the page reads it: seconds of each phase in the order device, up, server, down, and joules.</summary>
    internal static string Json(CutRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("layers");
            for (var i = 0; i < record.Model.Count; i++) { json.WriteStringValue(record.Model.Layers[i].Name); }
            json.WriteEndArray();
            json.WriteStartArray("bytes");
            for (var i = 0; i <= record.Model.Count; i++)
            {
                json.WriteNumberValue(record.Model.ValuesAt(i) * (i < record.Model.Count
                    ? record.Objective.BytesPerValue : record.Objective.BytesPerGradient));
            }

            json.WriteEndArray();
            json.WriteStartArray("steps");
            foreach (var step in record.Steps) { Write(json, step); }
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, CutStep step)
    {
        json.WriteStartObject();
        json.WriteNumber("at", Rounded(step.At));
        json.WriteNumber("rate", Rounded(step.BitsPerSecond));
        json.WriteNumber("cut", step.Planned.Cut);
        json.WritePropertyName("planned");
        Write(json, step.Planned);
        json.WriteStartArray("fixed");
        foreach (var events in step.Fixed) { Write(json, events); }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RequestEvents events)
    {
        json.WriteStartArray();
        json.WriteNumberValue(Rounded(events.Sent - events.Born));
        json.WriteNumberValue(Rounded(events.Arrived - events.Sent));
        json.WriteNumberValue(Rounded(events.Served - events.Arrived));
        json.WriteNumberValue(Rounded(events.Answered - events.Served));
        json.WriteNumberValue(Rounded(events.Joules));
        json.WriteEndArray();
    }

    /// <summary>To a tenth of a microsecond, which is what the world's clock tells.</summary>
    private static double Rounded(double value) => Math.Round(value, 7);

    private static string Headline(CutRecord record)
    {
        var (first, last) = (record.Steps[0], record.Steps[^1]);
        if (record.Steps.Any(step => step.Planned.Cut != first.Planned.Cut) && first.Planned.Cut == last.Planned.Cut)
        {
            return $"While the link changes, the cut moves, from {record.NameOf(first.Planned.Cut)} and back";
        }

        return first.Planned.Cut == last.Planned.Cut
            ? $"At {Mbit(first.BitsPerSecond)} as at {Mbit(last.BitsPerSecond)} Mbit/s, the cut is: {record.NameOf(first.Planned.Cut)}"
            : $"From {Mbit(first.BitsPerSecond)} to {Mbit(last.BitsPerSecond)} Mbit/s, the cut moves from "
                + $"{record.NameOf(first.Planned.Cut)} to {record.NameOf(last.Planned.Cut)}";
    }

    private static string Mbit(double bitsPerSecond) => (bitsPerSecond / 1e6).ToString("0.##", CultureInfo.InvariantCulture);

    private static string Bits(CutRecord record) => (8 * record.Objective.BytesPerValue).ToString(CultureInfo.InvariantCulture);
}
