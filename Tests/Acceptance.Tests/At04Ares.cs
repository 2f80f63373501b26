using Papers;

namespace Acceptance.Tests;

/// <summary>Section 4.6: ARES, by the plans alone.</summary>
/// <remarks><c>independent/ares.py</c> computes the same figures by itself.</remarks>
public sealed class At04Ares(ITestOutputHelper output)
{
    private const double Mbit = 1e6;
    private const int Local = 6;            // split indices are those of the papers: the last layer on the device
    private static readonly LayerCosts Vgg5 = ReferenceCosts.Vgg5;
    private static readonly double[] Alphas = [0, .25, .5, .75, 1];

    private static readonly (string Name, DeviceProfile Profile)[] Pi = [("pi3", DeviceProfile.Pi3)];
    private static readonly (string Name, DeviceProfile Profile)[] Nano = [("nano", DeviceProfile.NanoMaxn)];

    [Theory]
    [InlineData("pi3", 40, 1, .5, 1)]
    [InlineData("pi3", 40, 4, .5, 1)]
    [InlineData("nano", 40, 1, 1, Local)]
    [InlineData("nano", 40, 1, 0, 3)]
    [InlineData("nano", 75, 1, 0, 3)]
    [InlineData("pi3", 1, 1, 0, 5)]
    [InlineData("pi3", 1, 1, .5, 5)]
    [InlineData("pi3", 1, 1, 1, Local)]
    public void AT_4i_The_choices_are_those_of_the_calibration(string device, double rate, double bytes, double alpha, int index) =>
        Assert.Equal(index, Choice(device, rate, bytes, alpha).Split - 1);

    /// <summary>Seconds and joules of a batch, as printed; time and energy against all layers on the device.</summary>
    [Theory]
    [InlineData(1, "1.91", "5.98", "-51", "-60")]
    [InlineData(4, "2.90", "6.92", "-27", "-54")]
    public void AT_4i_A_Pi_at_40_Mbit_has_the_figures_of_the_calibration(
        double bytes, string seconds, string joules, string time, string energy)
    {
        var (cost, local) = (Choice("pi3", 40, bytes, .5).Cost, PlanValue.Local(Vgg5, View(Pi, 40), Sized(bytes)).Routes[0].Cost);

        Assert.Equal((seconds, joules), ($"{cost.BatchSeconds:F2}", $"{cost.BatchJoules:F2}"));
        Assert.Equal(("3.94", "14.98"), ($"{local.BatchSeconds:F2}", $"{local.BatchJoules:F2}"));
        Assert.Equal((time, energy),
            ($"{100 * ((cost.BatchSeconds / local.BatchSeconds) - 1):F0}", $"{100 * ((cost.BatchJoules / local.BatchJoules) - 1):F0}"));
    }

    [Fact]
    public void AT_4i_Between_10_and_40_Mbit_alpha_moves_the_choice_on_the_Nano_and_not_on_the_Pi()
    {
        foreach (var rate in (double[])[10, 15, 20, 30, 40])
        {
            Assert.Single(Alphas.Select(alpha => Choice("pi3", rate, 1, alpha).Split).Distinct());
            Assert.NotEqual(Choice("nano", rate, 1, 0).Split, Choice("nano", rate, 1, 1).Split);
        }
    }

    [Fact]
    public void AT_4j_A_Pi_at_40_Mbit_takes_half_the_time_and_two_fifths_of_the_energy()
    {
        var (view, objective) = (View(Pi, 40), Sized(1));
        var (plan, local) = (new AresPerDevice().Plan(Vgg5, view, objective), PlanValue.Local(Vgg5, view, objective));
        var (time, energy) = ((plan.Seconds / local.Seconds) - 1, (plan.Joules / local.Joules) - 1);

        output.WriteLine($"time {100 * time:F2} %, energy {100 * energy:F2} %");
        Assert.InRange(time, -.55, -.45);
        Assert.InRange(energy, -.65, -.55);
    }

    /// <summary>Estimates of times and rates that are 10 % off, judged by what is true; an oracle knows that. Of the Pi each draw, of the
    /// fleet, which plans anew each round, the mean.</summary>
    [Theory]
    [InlineData(true, 40)]
    [InlineData(false, 40)]
    [InlineData(false, 75)]
    [InlineData(false, 15)]
    [InlineData(false, 4)]
    public void AT_4j_With_estimates_ten_percent_off_the_regret_is_at_most_five_percent(bool isPi, double rate)
    {
        var truth = isPi ? View(Pi, rate) : View(TestBed.Ares.AsSpan(), rate);
        Planner planner = isPi ? new AresPerDevice() : new AresJoint();
        foreach (var alpha in Alphas)
        {
            var objective = Sized(1) with { Alpha = alpha };
            var local = PlanValue.Local(Vgg5, truth, objective);
            var (oracle, random) = (Value(planner.Plan(Vgg5, truth, objective)), new RandomStream(1, "estimates"));
            double[] regrets = [.. Enumerable.Range(0, 200).Select(_ =>
                (Value(planner.Plan(Vgg5, Noisy(truth, () => .1 * random.NextGaussian()), objective)) / oracle) - 1)];

            output.WriteLine($"alpha {alpha}: mean {100 * regrets.Average():F3} %, worst {100 * regrets.Max():F2} %");
            Assert.InRange(isPi ? regrets.Max() : regrets.Average(), 0, .05);

            double Value(Plan plan) => PlanValue.Of(PlanValue.Under(plan, Vgg5, truth, objective)!, local, alpha);
        }
    }

    [Theory]
    [InlineData(40, 1)]
    [InlineData(40, 4)]
    [InlineData(75, 1)]
    [InlineData(15, 1)]
    public void AT_4k_In_a_mixed_fleet_the_joint_plan_loses_to_no_common_split_and_follows_alpha_in_one_direction(double rate, double bytes)
    {
        var (view, plans) = (View(TestBed.Ares.AsSpan(), rate), new List<Plan>());
        foreach (var alpha in Alphas)
        {
            var objective = Sized(bytes) with { Alpha = alpha };
            var local = PlanValue.Local(Vgg5, view, objective);
            double Value(Planner planner) => PlanValue.Of(planner.Plan(Vgg5, view, objective), local, alpha);
            var joint = Value(new AresJoint());

            Assert.True(joint <= Value(new ExhaustiveSplit()), $"alpha {alpha}: worse than a common split");
            Assert.True(joint <= Value(FixedSplit.All), $"alpha {alpha}: worse than federated learning");
            plans.Add(new AresJoint().Plan(Vgg5, view, objective));
            output.WriteLine($"alpha {alpha}: {string.Join(',', plans[^1].Routes.Select(static r => r.Split - 1))}, "
                + $"{plans[^1].Seconds:F1} s, {plans[^1].Joules:F1} J, value {joint:F4}");
        }

        Assert.All(plans.Zip(plans.Skip(1)), static pair => Assert.True(
            pair.Second.Seconds <= pair.First.Seconds && pair.First.Joules <= pair.Second.Joules));
        Assert.True(plans[0].Joules < plans[^1].Joules || plans[0].IsPlacedAs(plans[^1]));
    }

    /// <summary>Values of the best of all 16,807 plans and of the best common split, from the script.</summary>
    [Theory]
    [InlineData(0, "0.4110", "0.4299")]
    [InlineData(.25, "0.4296", "0.4437")]
    [InlineData(.5, "0.4482", "0.4576")]
    [InlineData(.75, "0.4668", "0.4715")]
    [InlineData(1, "0.4853", "0.4853")]
    public void AT_4k_The_values_of_the_mixed_fleet_are_those_of_an_independent_search(double alpha, string joint, string common)
    {
        var (view, objective) = (View(TestBed.Ares.AsSpan(), 40), Sized(1) with { Alpha = alpha });
        var local = PlanValue.Local(Vgg5, view, objective);
        string Value(Planner planner) => $"{PlanValue.Of(planner.Plan(Vgg5, view, objective), local, alpha):F4}";

        Assert.Equal((joint, common), (Value(new AresJoint()), Value(new ExhaustiveSplit())));
    }

    /// <summary>Ten rounds at each rate; a round goes by what the one before has measured, up to 5 % off in all rates and times.</summary>
    [Theory]
    [InlineData(.25)]
    [InlineData(.5)]
    public void AT_4l_The_plan_follows_a_bandwidth_trace_within_a_round_and_does_not_oscillate(double alpha)
    {
        const int Each = 10;
        double[] trace = [40, 15, 1, 40];
        foreach (var devices in new[] { Pi, Nano, [.. TestBed.Ares] })
        {
            var (objective, random) = (Sized(1) with { Alpha = alpha }, new RandomStream(2, "noise"));
            var planner = new Steady(new AresJoint());
            ResourceView World(int round) => View(devices, trace[round / Each]);

            var rounds = PlayedRounds.Play(Vgg5, objective, planner, trace.Length * Each, World,
                estimate: view => Noisy(view, () => random.NextDouble(-.05, .05)));

            output.WriteLine($"{devices.Length} of {devices[0].Name}: " + string.Join(" | ", trace.Select((rate, i) =>
                $"{rate}: {string.Join(',', rounds[((i + 1) * Each) - 1].Plan.Routes.Select(static r => r.Split - 1))}")));
            for (var i = 0; i < trace.Length; i++)
            {
                var (first, last) = ((i * Each) + (i == 0 ? 0 : 1), (i + 1) * Each);       // one round after the change
                var local = PlanValue.Local(Vgg5, World(last - 1), objective);
                var best = PlanValue.Of(new AresJoint().Plan(Vgg5, World(last - 1), objective), local, alpha);

                Assert.All(Enumerable.Range(first, last - first), r => Assert.True(rounds[r].Plan.IsPlacedAs(rounds[first].Plan)));
                Assert.InRange(PlanValue.Of(rounds[first].Plan, local, alpha), best, best / .94);      // the margin, and the noise
            }

            Assert.False(rounds[Each - 1].Plan.IsPlacedAs(rounds[(3 * Each) - 1].Plan));
            Assert.True(rounds[Each - 1].Plan.IsPlacedAs(rounds[^1].Plan));
        }
    }

    private static Route Choice(string device, double rate, double bytes, double alpha) =>
        new AresPerDevice().Plan(Vgg5, View(device == "pi3" ? Pi : Nano, rate), Sized(bytes) with { Alpha = alpha }).Routes[0];

    private static ResourceView View(ReadOnlySpan<(string Name, DeviceProfile Profile)> devices, double rate) =>
        TestBed.View(Vgg5, rate * Mbit, rate * Mbit, devices);

    private static Objective Sized(double bytes) => new() { BytesPerValue = bytes, BytesPerGradient = bytes };

    /// <summary>Times of each node and rates of each link, off by a share each.</summary>
    private static ResourceView Noisy(ResourceView view, Func<double> share) => view with
    {
        Nodes = [.. view.Nodes.Select(node => node with { Load = node.Load * Math.Max(.2, 1 + share()) })],
        Links = [.. view.Links.Select(link => link with { BitsPerSecond = link.BitsPerSecond * Math.Max(.2, 1 + share()) })],
    };
}
