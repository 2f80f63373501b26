using System.Text;

namespace StreamLearn.Fleets;

/// <summary>Decides who is invited to a round, among the devices that are alive and have announced data.</summary>
/// <remarks>A rule is a pure function of the fleet: what it remembers is in <see cref="FleetView.Memory"/>.</remarks>
public abstract record Cohort : Rule
{
    /// <summary>All devices, and those that join within a round; a version then names nobody.</summary>
    public static Cohort Everyone { get; } = new EveryoneCohort();

    /// <summary>A number of devices, drawn uniformly without repeats; all where there are not more.</summary>
    /// <param name="count">Devices, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    public static Cohort Random(int count) => Checked(new RandomCohort(count));

    /// <summary>A share of the devices, m = max(1, round(C·N)), drawn uniformly without repeats.</summary>
    /// <remarks>Source: McMahan et al. (2017), FedAvg.</remarks>
    /// <param name="share">The share C, above 0, at most 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of range.</exception>
    public static Cohort Fraction(double share) => Checked(new FractionCohort(share));

    /// <summary>More devices than are needed, ⌈goal · factor⌉, drawn uniformly; a round ends when the goal is reached.</summary>
    /// <remarks>Source: Bonawitz et al. (2019): 130 % of the goal.</remarks>
    /// <param name="needed">The goal, devices, at least 1.</param>
    /// <param name="factor">How many times the goal is invited, at least 1; default 1.3.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static Cohort OverSelection(int needed, double factor = 1.3) => Checked(new OverSelection(needed, factor));

    /// <summary>
    /// Devices of like speed: all are invited to some rounds that measure them, then a tier is drawn, and devices inside it.
    /// </summary>
    /// <remarks>
    /// A device is measured when it was invited to so many rounds; while there is one that is not, the round invites just those. One that
    /// reported in none of them is left out: give the rounds a deadline. Tiers are cut anew each round from the smoothed latencies, of
    /// equal size. Source: Chai et al. (2020), TiFL, with uniform probabilities.
    /// </remarks>
    /// <param name="count">Devices, at least 1; all of the tier where there are not more.</param>
    /// <param name="tiers">Tiers, at least 1; default 5.</param>
    /// <param name="profilingRounds">Rounds that measure a device, at least 1; default 5.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static Cohort Tier(int count, int tiers = 5, int profilingRounds = 5) =>
        Checked(new TierCohort(count, tiers, profilingRounds));

    /// <summary>Devices from which most is to be learned in the least time, and some of those not tried yet.</summary>
    /// <remarks>
    /// Utility of device i in round K: (samples · loss / most + √(0.1·ln K / last round)) · (T / tᵢ)^(α where tᵢ is above T): samples and
    /// mean loss of its last update, against the 95 % quantile of the fleet, above which a device gains nothing; the round it was last in;
    /// its latency tᵢ. T is a quantile of the latencies that rises when the samples · loss of those chosen fall from one window of rounds
    /// to the next. Source: Lai et al. (2021), Oort, algorithm 1; the mean loss stands for the root of the mean square, which updates do
    /// not carry; T as a quantile is a choice of this library.
    /// </remarks>
    /// <param name="count">Devices, at least 1.</param>
    /// <param name="explore">Share of devices not tried yet in the first round, 0 to 1; default 0.9.</param>
    /// <param name="exploreDecay">What remains of that share with each round, above 0, at most 1; default 0.98.</param>
    /// <param name="exploreLeast">The least share, 0 to 1; default 0.2.</param>
    /// <param name="alpha">How much slowness counts against a device, α, 0 or more; default 2.</param>
    /// <param name="cutOff">
    /// Devices are drawn from those above this share of the utility of the last that would be chosen, above 0, at most 1; default 0.95.
    /// </param>
    /// <param name="window">Rounds whose utility is compared with that of as many before, at least 1; default 20.</param>
    /// <param name="quantile">Quantile of the latencies that is preferred at first, above 0, at most 1; default 0.3.</param>
    /// <param name="quantileStep">By how much the quantile rises, 0 to 1; default 0.02.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static Cohort Utility(
        int count, double explore = 0.9, double exploreDecay = 0.98, double exploreLeast = 0.2, double alpha = 2, double cutOff = 0.95,
        int window = 20, double quantile = 0.3, double quantileStep = 0.02) =>
        Checked(new UtilityCohort(count)
        {
            Explore = explore,
            ExploreDecay = exploreDecay,
            ExploreLeast = exploreLeast,
            Alpha = alpha,
            CutOff = cutOff,
            Window = window,
            Quantile = quantile,
            QuantileStep = quantileStep,
        });

    /// <summary>Devices whose updates end a round; null (default): all that were invited.</summary>
    public virtual int? Goal => null;

    /// <summary>Chooses who is invited.</summary>
    /// <param name="fleet">The fleet.</param>
    /// <param name="random">The only source of randomness.</param>
    /// <param name="cohort">Empty; receives those invited, in any order. If it stays empty, everyone is invited.</param>
    public abstract void Choose(in FleetView fleet, RandomStream random, List<DeviceId> cohort);

    /// <summary>Prints the settings alone.</summary>
    /// <param name="builder">Where to.</param>
    protected override bool PrintMembers(StringBuilder builder) => false;

    /// <summary>Draws without repeats. Source: Fisher, Yates (1938), as far as is needed.</summary>
    internal static void Draw(List<DeviceId> from, int count, RandomStream random, List<DeviceId> cohort)
    {
        for (var i = 0; i < count && i < from.Count; i++)
        {
            var place = i + random.NextInt32(from.Count - i);
            cohort.Add(from[place]);
            from[place] = from[i];
        }
    }

    /// <summary>Draws from all devices without repeats.</summary>
    private protected static void Draw(in FleetView fleet, int count, RandomStream random, List<DeviceId> cohort)
    {
        var all = new List<DeviceId>(fleet.Devices.Length);
        foreach (var device in fleet.Devices) { all.Add(device.Device); }
        Draw(all, count, random, cohort);
    }
}
