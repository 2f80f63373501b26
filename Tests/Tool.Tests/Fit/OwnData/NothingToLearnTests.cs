using StreamLearn.Tables;

namespace Tool.Tests;

public sealed class NothingToLearnTests(ITestOutputHelper output) : IDisposable
{
    private const string Said = "nothing to learn here: ";

    private readonly TemporaryFolder _folder = new();

    private static int Sets => LongForm.IsAsked ? 100 : 5;

    /// <summary>The simplest, but in the long form what a user gets.</summary>
    private static string Model => LongForm.IsAsked ? "auto" : "linear";

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Noise_is_told_from_what_can_be_learned(bool hasSignal, bool hasClock)
    {
        var said = 0;
        await Parallel.ForAsync(0, Sets, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (set, _) =>
        {
            if (await SaysAsync(set, hasSignal, hasClock, "--alone", "--model", Model)) { Interlocked.Increment(ref said); }
        });

        var kind = (hasSignal ? "signal" : "noise") + (hasClock ? " beside a clock" : "");
        output.WriteLine($"{kind}: {said} of {Sets} have nothing to learn");
        Assert.InRange(hasSignal ? said : Sets - said, 0, Wrong(Sets));
    }

    /// <summary>Values of ten machines. With a signal, half of each machine's variance follows from its x, or the machines differ in a
    /// value that x shows.</summary>
    [Theory]
    [InlineData(false, "white")]
    [InlineData(false, "autocorrelated")]
    [InlineData(false, "scales")]
    [InlineData(true, "white")]
    [InlineData(true, "scales")]
    [InlineData(true, "between")]
    public void Noise_of_values_is_told_from_a_signal_whatever_the_scales(bool hasSignal, string kind)
    {
        var (sets, said) = (LongForm.IsAsked ? 50 : 3, 0);
        for (var set = 0; set < sets; set++)
        {
            File.WriteAllLines(_folder.File("values.csv"), Values(set, hasSignal ? 1 : 0, kind));
            var fit = Table.Fit(_folder.File("values.csv"), new() { Target = "value", Device = "device" },
                new() { Model = ModelKind.Linear, EachRow = kind != "autocorrelated", WindowSeconds = 8 });
            if (fit.NothingToLearn) { said++; }
        }

        output.WriteLine($"{(hasSignal ? "signal" : "noise")}, {kind}: {said} of {sets} have nothing to learn");
        Assert.Equal(hasSignal ? 0 : sets, said);
    }

    private static IEnumerable<string> Values(int set, double signal, string kind)
    {
        var decay = kind == "autocorrelated" ? 0.95 : 0;
        yield return "time,device,x,y,value";
        for (var machine = 0; machine < 10; machine++)
        {
            var random = new RandomStream((set * 100) + machine, "values");
            var scale = kind == "scales" ? Math.Pow(10, machine % 4) : 1;
            var own = kind == "between" || (kind == "scales" && signal == 0) ? 3 * scale * random.NextGaussian() : 0;
            var (x, y, noise) = (0.0, 0.0, 0.0);
            for (var row = 0; row < 200; row++)
            {
                (x, y, noise) = (Next(x), Next(y), Next(noise));
                var (seen, value) = kind == "between" ? (own + x, own) : (scale * x, own + (scale * ((signal * x) + noise)));
                yield return string.Create(CultureInfo.InvariantCulture, $"{row},{machine},{seen:G6},{y:G6},{value:G6}");
            }

            double Next(double value) => (decay * value) + random.NextGaussian();
        }
    }

    /// <summary>A fleet's model is judged on devices that no device of it has heard of.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_fleet_tells_them_apart_too(bool hasSignal)
    {
        var (sets, said) = (LongForm.IsAsked ? 20 : 1, 0);
        for (var set = 0; set < sets; set++)
        {
            if (await SaysAsync(set, hasSignal, hasClock: false, "--fleet", "--mode", "async", "--seconds", "20", "--model", "linear"))
            {
                said++;
            }
        }

        output.WriteLine($"fleet, {(hasSignal ? "signal" : "noise")}: {said} of {sets} have nothing to learn");
        Assert.InRange(hasSignal ? said : sets - said, 0, Wrong(sets));
    }

    /// <summary>A twentieth may be judged wrongly; of few sets one, which chance does to a quarter of fives.</summary>
    private static int Wrong(int sets) => Math.Max(sets < 2 ? 0 : 1, sets / 20);

    private async Task<bool> SaysAsync(int set, bool hasSignal, bool hasClock, params string[] options)
    {
        var name = $"{hasSignal}{hasClock}{set}{options.Length}";
        Write(Directory.CreateDirectory(_folder.File(name)).FullName, set, hasSignal ? 0.7 : 0, hasClock);
        var fitted = await ToolRun.RunAsync(["fit", "--csv", $"{_folder.File(name)}/p*.csv", "--label", "label", "--device", "file",
            "--out", _folder.File($"{name}/out"), .. options]);
        Assert.True(fitted.ExitCode is 0 or 3, fitted.Error);
        return fitted.Output.Contains(Said, StringComparison.Ordinal);
    }

    /// <summary>Ten people, two channels of noise, three classes in bouts of 2 to 8 s in an order of each one's own; the signal is in the
    /// first channel, in deviations of the noise. A clock counts seconds from when a person began.</summary>
    private static void Write(string folder, int set, double signal, bool hasClock)
    {
        for (var person = 0; person < 10; person++)
        {
            var random = new RandomStream((set * 100) + person, "noise");
            List<string> lines = [hasClock ? "time,x,y,seconds,label" : "time,x,y,label"];
            var began = random.NextDouble(0, 600);
            while (lines.Count <= 2000)
            {
                var label = random.NextInt32(3);
                for (var left = 100 + random.NextInt32(300); left > 0 && lines.Count <= 2000; left--)
                {
                    var row = lines.Count;
                    lines.Add(string.Create(CultureInfo.InvariantCulture,
                        $"{row * 20},{(signal * label) + random.NextGaussian():0.000},{random.NextGaussian():0.000},")
                        + (hasClock ? string.Create(CultureInfo.InvariantCulture, $"{began + (row / 50.0):0.00},") : "") + "abc"[label]);
                }
            }

            File.WriteAllLines(Path.Combine(folder, $"p{person}.csv"), lines);
        }
    }
}
