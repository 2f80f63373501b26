namespace Acceptance.Tests;

/// <summary>Section 5.3: a cut chosen together with the thresholds of exits.</summary>
public sealed class At05ExitSplit(ITestOutputHelper output)
{
    private const int Rows = 1500;
    private const int Classes = 10;
    private const double Row = 2.0 / Rows;                          // a threshold is what a row measured: which side it is on is rounding
    private static readonly LayerCosts Vgg5 = ReferenceCosts.Vgg5;
    private static readonly int[] Exits = [2, 4, 7];                // layers before each
    private static readonly double[] Surety = [1, 1.5, 2.2];        // half of what an exit adds to the right class
    private static readonly int[] Values = [3072, 32768, 8192, 16384, 4096, 4096, 128];

    /// <summary>Logits of three exits for rows of ten classes, later exits surer, and their labels.</summary>
    private static readonly (float[] Logits, int[] Labels) Drawn = Draw();

    private static readonly double[][] Entropies = OfEachRow(static (e, r) => Entropy(LogitsOf(e, r)));
    private static readonly bool[][] IsRight = OfEachRow(static (e, r) => LogitsOf(e, r)[Drawn.Labels[r]] == LogitsOf(e, r).Max());

    /// <summary>The search lets each row leave by each pair of 50 thresholds and counts what that takes, for each cut.</summary>
    [Fact]
    public void AT_5f_In_20_random_settings_the_choice_is_within_5_percent_of_exhaustive_search()
    {
        var tried = Tried();
        var (random, cuts) = (new RandomStream(5, "settings"), new HashSet<int>());
        var (worst, accuracy) = (0.0, Leave([-1, -1]).Accuracy - .02);
        LayerTimes[] measured = [DeviceProfile.Pi3.LayerTimes!, DeviceProfile.NanoMaxn.LayerTimes!];
        var curves = measured.ToDictionary(static times => times, times => ExitTuner.Choose(
            Drawn.Logits, Drawn.Labels, [.. Exits.Select(exit => (long)(1e9 * times.ForwardSeconds(0, exit)))]));
        for (var setting = 0; setting < 20; setting++)
        {
            var (rate, load) = (.5e6 * Math.Pow(200, random.NextDouble()), random.NextDouble(1, 10));
            var device = setting % 2 == 0 ? DeviceProfile.Pi3 : DeviceProfile.NanoMaxn;
            var times = device.LayerTimes!;
            (double Seconds, double Joules)[] searched = [.. tried.Where(t => t.Accuracy >= accuracy)
                .SelectMany(t => Enumerable.Range(0, 8).Select(cut => Cost(t.Shares, cut)))];
            var limit = searched.Min(static c => c.Seconds) * random.NextDouble(1.1, 2);
            var search = searched.Where(c => c.Seconds <= limit).Min(static c => c.Joules);

            var planner = new ExitSplit(curves[times], [.. Exits],
                [new(ExitFigure.Accuracy, accuracy), new(ExitFigure.Seconds, limit), new(ExitFigure.Joules)]);
            var choice = planner.Choose(Vgg5, new(
                [NodeView.Of("d", device, Vgg5) with { Rows = 1 }, NodeView.Of("s", DeviceProfile.EdgeServer, Vgg5) with { Load = load }],
                [new("d", "s", rate)]), Objective.Request with { BytesPerValue = 1 }, "d")!;

            var (right, shares) = Leave([.. choice.Rule.Thresholds]);
            var (seconds, joules) = Cost(shares, choice.Cut);
            output.WriteLine($"{rate / 1e6:F2} Mbit/s load {load:F1}: {choice}; {100 * ((joules / search) - 1):F2} % above the search");
            Assert.Equal(right, choice.Accuracy, Row);
            Assert.Equal(seconds, choice.Seconds, Row * Cost([0, 0, 1], choice.Cut).Seconds);
            Assert.Equal(joules, choice.Joules, Row * Cost([0, 0, 1], choice.Cut).Joules);
            Assert.Equal(shares.Where((_, e) => Exits[e] > choice.Cut).Sum(), choice.SentShare, Row);
            Assert.True(right >= accuracy - Row && seconds <= limit * 1.002, $"accuracy {right}, {seconds} s of {limit}");
            Assert.InRange(joules, .98 * search, 1.05 * search);
            worst = Math.Max(worst, (joules / search) - 1);
            cuts.Add(choice.Cut);

            (double Seconds, double Joules) Cost(double[] shares, int cut)
            {
                var (sumSeconds, sumJoules) = (0.0, 0.0);
                for (var e = 0; e < Exits.Length; e++)
                {
                    var own = times.Forward.Prepend(0).ElementAt(Math.Min(cut, Exits[e]));
                    var (up, down, served) = Exits[e] <= cut ? (0, 0, 0.0)
                        : (8 * Values[cut] / rate, 8 * 40 / rate, Served(Exits[e]) - Served(cut));
                    sumSeconds += shares[e] * (own + up + down + served);
                    sumJoules += shares[e] * ((device.Power.ComputingWatts * own) + (device.Power.SendingWatts * up)
                        + (device.Power.ReceivingWatts * down));
                }

                return (sumSeconds, sumJoules);

                double Served(int layers) =>
                    load * .0015 / 3.943 * DeviceProfile.Pi3.LayerTimes!.Forward.Prepend(0).ElementAt(layers) * 100;
            }
        }

        output.WriteLine($"at most {100 * worst:F2} % above the search; cuts {string.Join(' ', cuts.Order())}");
        Assert.InRange(cuts.Count, 3, 8);
    }

    private static ImmutableArray<(double Accuracy, double[] Shares)> Tried()
    {
        float[] grid = [.. Enumerable.Range(0, 50).Select(static i => 2.31f * i / 49)];
        return [.. grid.SelectMany(first => grid.Select(second => Leave([first, second])))];
    }

    private static (double Accuracy, double[] Shares) Leave(float[] thresholds)
    {
        var (right, shares) = (0, new double[Exits.Length]);
        for (var r = 0; r < Rows; r++)
        {
            var e = 0;
            while (e < thresholds.Length && !(Entropies[e][r] < thresholds[e])) { e++; }
            shares[e] += 1.0 / Rows;
            right += IsRight[e][r] ? 1 : 0;
        }

        return ((double)right / Rows, shares);
    }

    private static T[][] OfEachRow<T>(Func<int, int, T> of) =>
        [.. Exits.Select((_, e) => Enumerable.Range(0, Rows).Select(r => of(e, r)).ToArray())];

    private static float[] LogitsOf(int exit, int row) => Drawn.Logits.AsSpan(((exit * Rows) + row) * Classes, Classes).ToArray();

    private static double Entropy(float[] logits)
    {
        var sum = logits.Sum(static l => Math.Exp(l));
        return -logits.Sum(l => Math.Exp(l) / sum * Math.Log(Math.Exp(l) / sum));
    }

    private static (float[] Logits, int[] Labels) Draw()
    {
        var random = new RandomStream(5, "logits");
        int[] labels = [.. Enumerable.Range(0, Rows).Select(_ => random.NextInt32(Classes))];
        var logits = new float[Exits.Length * Rows * Classes];
        for (var i = 0; i < logits.Length; i++)
        {
            var (exit, row, c) = (i / (Rows * Classes), i / Classes % Rows, i % Classes);
            logits[i] = (float)((Surety[exit] * (c == labels[row] ? 2 : 0)) + random.NextGaussian());
        }

        return (logits, labels);
    }
}
