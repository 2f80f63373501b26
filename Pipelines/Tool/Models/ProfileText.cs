namespace Tool;

internal static class ProfileText
{
    private const int NameWidth = 50;
    private const int BarWidth = 10;

    internal static string Of(LayerProfile profile, EnergyReading? ofRow)
    {
        var (costs, text) = (profile.Costs, new StringBuilder());
        Row(text, "layer", "forward", "backward", "multiply-adds", "bytes after", "memory", "share");
        for (var i = 0; i < costs.Count; i++)
        {
            var (cost, measure) = (costs.Layers[i], profile.Layers[i]);
            var share = profile.Seconds > 0 ? measure.Seconds / profile.Seconds : 0;
            Row(text, cost.Name, Time(measure.ForwardSeconds), Time(measure.BackwardSeconds), Count(cost.MultiplyAdds),
                Count(4L * cost.Outputs), Size(measure.PeakBytes), string.Create(CultureInfo.InvariantCulture,
                    $"{100 * share,3:0} % {new string('█', (int)Math.Round(share * BarWidth, MidpointRounding.AwayFromZero))}"));
        }

        Row(text, "total of a row", Time(profile.Layers.Sum(static l => l.ForwardSeconds)),
            Time(profile.Layers.Sum(static l => l.BackwardSeconds)), Count(costs.MultiplyAdds), "",
            Size(profile.Layers.Sum(static l => l.PeakBytes)), "");
        var rate = profile.Seconds > 0 ? costs.Layers.Sum(static l => l.MultiplyAdds + l.BackwardMultiplyAdds) / profile.Seconds / 1e9 : 0;
        text.Append(CultureInfo.InvariantCulture, $"batches of {profile.Rows} on {Tapped.Plain(profile.Machine)}: ");
        text.Append(CultureInfo.InvariantCulture,
            $"{Time(profile.Seconds * profile.Rows)} each, {rate:0.0} billion multiply-adds a second\n");
        return text.Append(ofRow is { } energy ? $"energy of a row: {Joules(energy.Joules)}, {energy.Kind}"
            : "energy: unknown (no readable RAPL counter; use --power FILE or --watts N)").ToString();
    }

    internal static string Json(LayerProfile profile, EnergyReading? ofRow) => MemoryJson.Text(json =>
    {
        json.WriteString("machine", profile.Machine);
        json.WriteString("date", profile.Date);
        json.WriteNumber("rows", profile.Rows);
        json.WriteNumber("seconds", profile.Seconds);
        if (ofRow is { } energy)
        {
            json.WriteNumber("joules", energy.Joules);
            json.WriteString("joulesKind", energy.Kind);
        }

        json.WriteStartArray("layers");
        for (var i = 0; i < profile.Layers.Length; i++)
        {
            var (cost, measure) = (profile.Costs.Layers[i], profile.Layers[i]);
            json.WriteStartObject();
            json.WriteString("name", cost.Name);
            json.WriteNumber("forwardSeconds", measure.ForwardSeconds);
            json.WriteNumber("backwardSeconds", measure.BackwardSeconds);
            json.WriteNumber("seconds", measure.Seconds);
            json.WriteNumber("multiplyAdds", cost.MultiplyAdds);
            json.WriteNumber("bytesAfter", 4L * cost.Outputs);
            json.WriteNumber("memoryBytes", measure.PeakBytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    internal static string Time(double seconds) => seconds switch
    {
        >= 1 => Digits(seconds, "s"),
        >= 1e-3 => Digits(seconds * 1e3, "ms"),
        >= 1e-6 => Digits(seconds * 1e6, "µs"),
        _ => Digits(seconds * 1e9, "ns"),
    };

    private static string Joules(double joules) => joules switch
    {
        >= 1 => Digits(joules, "J"),
        >= 1e-3 => Digits(joules * 1e3, "mJ"),
        _ => Digits(joules * 1e6, "µJ"),
    };

    private static string Digits(double value, string unit) =>
        $"{value.ToString(value >= 100 ? "0" : value >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture)} {unit}";

    private static void Row(StringBuilder text, string name, string forward, string backward, string multiplyAdds, string bytes,
        string memory, string share)
    {
        var shown = name.Length <= NameWidth ? name : $"{name[..(NameWidth - 1)]}…";
        text.Append(string.Create(CultureInfo.InvariantCulture,
            $"{shown,-NameWidth} {forward,9} {backward,9} {multiplyAdds,13} {bytes,11} {memory,10}  {share}").TrimEnd()).Append('\n');
    }

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Size(long bytes) => bytes switch
    {
        < 1 << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.0} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.00} MiB"),
    };
}
