using System.Text;

namespace Tool.Tests;

/// <summary>A recording of a device: rows at a rate, without a gap. <paramref name="Labels"/>: a class for each row; empty: none.</summary>
internal sealed record VariantPart(string Device, float[][] Values, string[] Labels)
{
    /// <summary>Rows a second; null: those of all.</summary>
    internal double? Rate { get; init; }
}

internal sealed record VariantRows(string Name, string[] Channels, double Rate, List<VariantPart> Parts)
{
    private const double GapSeconds = 30;

    internal void Write(string path)
    {
        using var file = new StreamWriter(path, append: false, new UTF8Encoding(false), 1 << 16);
        file.WriteLine($"device,time_us,{string.Join(',', Channels)},activity");
        var ends = new Dictionary<string, double>();
        foreach (var part in Parts)
        {
            var (begin, rate) = (ends.GetValueOrDefault(part.Device), part.Rate ?? Rate);
            for (var row = 0; row < part.Values.Length; row++)
            {
                file.Write(string.Create(CultureInfo.InvariantCulture, $"{part.Device},{Math.Round(begin + (row * 1e6 / rate)):0}"));
                foreach (var value in part.Values[row]) { file.Write(string.Create(CultureInfo.InvariantCulture, $",{value:G6}")); }
                file.Write(',');
                file.WriteLine(part.Labels[row]);
            }

            ends[part.Device] = begin + ((part.Values.Length / rate) + GapSeconds) * 1e6;
        }
    }

    /// <summary>At another rate: means of rows, or rows on lines between them.</summary>
    internal VariantRows At(double rate)
    {
        var step = Rate / rate;
        return With(part =>
        {
            var count = (int)((part.Values.Length - 1) / step);
            var (values, labels) = (new float[count][], new string[count]);
            for (var row = 0; row < count; row++)
            {
                var from = (int)(row * step);
                labels[row] = part.Labels[from];
                values[row] = step >= 1 ? Mean(part.Values.AsSpan(from, (int)step)) : Between(part.Values, row * step);
            }

            return part with { Values = values, Labels = labels };
        }) with
        { Rate = rate };
    }

    /// <summary>Devices in turn at rates of their own.</summary>
    internal VariantRows AtRates(params double[] rates)
    {
        var devices = Parts.Select(static p => p.Device).Distinct().ToList();
        return this with
        {
            Parts = Parts.ConvertAll(part =>
            {
                var rate = rates[devices.IndexOf(part.Device) % rates.Length];
                return (this with { Parts = [part] }).At(rate).Parts[0] with { Rate = rate };
            }),
        };
    }

    internal VariantRows Of(params int[] channels) =>
        With(part => part with { Values = [.. part.Values.Select(v => channels.Select(c => v[c]).ToArray())] }) with
        {
            Channels = [.. channels.Select(c => Channels[c])],
        };

    /// <summary>Three more channels: acceleration without what changes slowly.</summary>
    internal VariantRows WithBody() => With(part =>
    {
        var slow = part.Values[0][..3].ToArray();
        var keep = Math.Exp(-2 * Math.PI * 0.3 / Rate);
        return part with
        {
            Values = [.. part.Values.Select(v =>
            {
                for (var c = 0; c < 3; c++) { slow[c] = (float)((keep * slow[c]) + ((1 - keep) * v[c])); }
                return (float[])[.. v, v[0] - slow[0], v[1] - slow[1], v[2] - slow[2]];
            })],
        };
    }) with
    { Channels = [.. Channels, "body x [gn]", "body y [gn]", "body z [gn]"] };

    /// <summary>Only some classes: rows of others have no label.</summary>
    internal VariantRows Classes(params string[] classes) =>
        With(part => part with { Labels = [.. part.Labels.Select(l => classes.Contains(l) ? l : "")] });

    internal VariantRows People(int count)
    {
        var names = Parts.Select(static p => p.Device).Distinct().Order(StringComparer.Ordinal).Take(count).ToHashSet();
        return this with { Parts = Parts.FindAll(p => names.Contains(p.Device)) };
    }

    internal VariantRows Rare(params string[] classes)
    {
        var seen = new Dictionary<(string, string), int>();
        return With(part => part with
        {
            Labels = [.. part.Labels.Select(l =>
            {
                if (!classes.Contains(l)) { return l; }
                var count = seen[(part.Device, l)] = seen.GetValueOrDefault((part.Device, l)) + 1;
                return count / (int)(20 * Rate) % 10 == 0 ? l : "";      // twenty seconds of each two hundred
            })],
        });
    }

    /// <summary>Each device is turned in a way of its own, by at most so many degrees.</summary>
    internal VariantRows Turned(double degrees, int seed)
    {
        var turns = Parts.Select(static p => p.Device).Distinct()
            .ToDictionary(static d => d, d => Turn(degrees, seed + int.Parse(d[1..], CultureInfo.InvariantCulture)));
        return With(part => part with { Values = [.. part.Values.Select(v => Turned(v, turns[part.Device]))] });
    }

    private VariantRows With(Func<VariantPart, VariantPart> change) => this with { Parts = Parts.ConvertAll(p => change(p)) };

    private static float[] Turned(float[] values, double[] m)
    {
        var turned = values.ToArray();
        for (var at = 0; at + 3 <= values.Length; at += 3)
        {
            for (var r = 0; r < 3; r++)
            {
                turned[at + r] = (float)((m[3 * r] * values[at]) + (m[(3 * r) + 1] * values[at + 1]) + (m[(3 * r) + 2] * values[at + 2]));
            }
        }

        return turned;
    }

    /// <summary>A rotation about an axis by chance. Source: Rodrigues (1840).</summary>
    private static double[] Turn(double degrees, int seed)
    {
        var random = new Random(seed);
        double[] axis = [random.NextDouble() - 0.5, random.NextDouble() - 0.5, random.NextDouble() - 0.5];
        var length = Math.Sqrt(axis.Sum(static a => a * a));
        var (x, y, z) = (axis[0] / length, axis[1] / length, axis[2] / length);
        var (sine, cosine) = Math.SinCos((0.5 + (0.5 * random.NextDouble())) * degrees * Math.PI / 180);
        var rest = 1 - cosine;
        return
        [
            cosine + (x * x * rest), (x * y * rest) - (z * sine), (x * z * rest) + (y * sine),
            (y * x * rest) + (z * sine), cosine + (y * y * rest), (y * z * rest) - (x * sine),
            (z * x * rest) - (y * sine), (z * y * rest) + (x * sine), cosine + (z * z * rest),
        ];
    }

    private static float[] Mean(ReadOnlySpan<float[]> rows)
    {
        var mean = new float[rows[0].Length];
        foreach (var row in rows)
        {
            for (var c = 0; c < mean.Length; c++) { mean[c] += row[c] / rows.Length; }
        }

        return mean;
    }

    private static float[] Between(float[][] rows, double at)
    {
        var (before, share) = ((int)at, (float)(at - Math.Floor(at)));
        return [.. rows[before].Zip(rows[before + 1], (a, b) => a + ((b - a) * share))];
    }
}
