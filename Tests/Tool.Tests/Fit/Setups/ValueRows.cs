namespace Tool.Tests;

/// <summary>Values to learn or to forecast, as lines of a CSV file.</summary>
internal static class ValueRows
{
    private const string Start = "2024-01-01T00:00:00Z";

    /// <summary>Pumps whose wear follows from four readings. <paramref name="spread"/>: deviation of the pumps' own offsets, in deviations
    /// of the noise. <paramref name="heavy"/>: each pump's noise has its own strength.</summary>
    internal static IEnumerable<string> Pumps(int seed, int devices, double spread, bool heavy)
    {
        yield return "device,flow,pressure,current,noise,value";
        for (var d = 0; d < devices; d++)
        {
            var random = new RandomStream(seed, $"pump {d}");
            var (own, strength) = (spread * random.NextGaussian(), heavy ? Math.Exp(0.8 * random.NextGaussian()) : 1);
            for (var row = 0; row < 120; row++)
            {
                var (a, b, c, e) = (random.NextGaussian(), random.NextGaussian(), random.NextGaussian(), random.NextGaussian());
                var value = 50 + (5 * a) + (3 * b) - (2 * a * c) + own + (strength * random.NextGaussian());
                yield return string.Create(CultureInfo.InvariantCulture,
                    $"pump{d:00},{a:0.####},{b:0.####},{c:0.####},{e:0.####},{value:0.####}");
            }
        }
    }

    /// <summary>A load of each hour: high at noon, or at noon of working days, and noise that decays over hours.</summary>
    internal static IEnumerable<string> Hours(int seed, int days, bool weekly)
    {
        var (random, noise) = (new RandomStream(seed, "hours"), 0.0);
        return Series(24 * days, hour =>
        {
            noise = (0.7 * noise) + (40 * random.NextGaussian());
            var isFree = weekly && hour / 24 % 7 >= 5;
            var ofDay = hour % 24;
            var bump = 900 * Math.Exp(-(ofDay - 8) * (ofDay - 8) / 4.0) + (700 * Math.Exp(-(ofDay - 18) * (ofDay - 18) / 6.0));
            return 500 + (isFree ? 0.25 * bump : bump) + noise;
        });
    }

    internal static IEnumerable<string> Walk(int seed, int hours)
    {
        var (random, level) = (new RandomStream(seed, "walk"), 100.0);
        return Series(hours, _ => level += random.NextGaussian());
    }

    /// <summary>Nothing that a forecast could know.</summary>
    internal static IEnumerable<string> Noise(int seed, int hours)
    {
        var random = new RandomStream(seed, "noise");
        return Series(hours, _ => 20 + random.NextGaussian());
    }

    private static IEnumerable<string> Series(int hours, Func<int, double> valueOf)
    {
        yield return "time,device,value";
        var start = DateTimeOffset.Parse(Start, CultureInfo.InvariantCulture);
        for (var hour = 0; hour < hours; hour++)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"{start.AddHours(hour):yyyy-MM-ddTHH:mm:ssZ},a,{valueOf(hour):0.####}");
        }
    }
}
