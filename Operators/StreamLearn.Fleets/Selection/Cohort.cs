using System.Text;

namespace StreamLearn.Fleets;

/// <summary>Chooses the devices of a round, among live devices that have announced data.</summary>
/// <remarks>It is a pure function of the fleet; its memory is <see cref="FleetView.Memory"/>.</remarks>
public abstract record Cohort : Rule
{
    /// <summary>All devices, including those that join within a round. Versions then name no devices.</summary>
    public static Cohort Everyone { get; } = new EveryoneCohort();

    /// <summary>Draws devices uniformly without replacement; all devices if there are not more.</summary>
    /// <param name="count">Devices, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    public static Cohort Random(int count) => Checked(new RandomCohort(count));

    /// <summary>Draws a share, m = max(1, round(C·N)), uniformly without replacement.</summary>
    /// <remarks>Source: McMahan et al. (2017), FedAvg.</remarks>
    /// <param name="share">The share C, above 0, at most 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of range.</exception>
    public static Cohort Fraction(double share) => Checked(new FractionCohort(share));

    /// <summary>Draws more devices than needed, ⌈goal · factor⌉, uniformly; a round ends when the goal is reached.</summary>
    /// <remarks>Source: Bonawitz et al. (2019), with 130 % of the goal.</remarks>
    /// <param name="needed">The goal: a number of devices, at least 1.</param>
    /// <param name="factor">The ratio of invited devices to the goal, at least 1; default 1.3.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static Cohort OverSelection(int needed, double factor = 1.3) => Checked(new OverSelection(needed, factor));

    /// <summary>Draws a speed tier and devices within it, after profiling.</summary>
    /// <remarks>While devices are unprofiled, a round invites just those. A device that reported in no profiling round is excluded, so use
    /// a deadline. Each round cuts equal tiers by smoothed latency. Source: Chai et al. (2020), TiFL, with uniform probabilities.</remarks>
    /// <param name="count">Devices, at least 1; the whole tier if smaller.</param>
    /// <param name="tiers">Tiers, at least 1; default 5.</param>
    /// <param name="profilingRounds">Profiling rounds per device, at least 1; default 5.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static Cohort Tier(int count, int tiers = 5, int profilingRounds = 5) => Checked(new TierCohort(count, tiers, profilingRounds));

    /// <summary>Prefers devices that learn most in the shortest time, and explores devices not chosen yet.</summary>
    /// <remarks> Utility of device i in round K: (samples · loss / most + √(0.1·ln K / last round)) · (T / tᵢ)^(α where tᵢ is above T),
    /// with samples and mean loss of its last update, capped at the fleet's 95 % quantile, and its latency tᵢ. T is a latency quantile that
    /// rises when the chosen devices' samples · loss fall between windows. Source: Lai et al. (2021), Oort, algorithm 1, with the mean loss
    /// instead of the root mean square, which updates do not contain; T as a quantile is this library's. </remarks>
    /// <param name="count">Devices, at least 1.</param>
    /// <param name="explore">Initial share of untried devices, 0 to 1; default 0.9.</param>
    /// <param name="exploreDecay">Its factor per round, above 0, at most 1; default 0.98.</param>
    /// <param name="exploreLeast">Its minimum, 0 to 1; default 0.2.</param>
    /// <param name="alpha">Slowness penalty α, at least 0; default 2.</param>
    /// <param name="cutOff">Share of the last chosen utility above which devices are drawn, above 0, at most 1; default 0.95.</param>
    /// <param name="window">Rounds per window, at least 1; default 20.</param>
    /// <param name="quantile">Initial latency quantile, above 0, at most 1; default 0.3.</param>
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

    /// <summary>Devices whose updates end a round; null (default): all invited.</summary>
    public virtual int? Goal => null;

    /// <summary>Chooses the invited devices.</summary>
    /// <param name="fleet">The fleet.</param>
    /// <param name="random">The only source of random numbers.</param>
    /// <param name="cohort">Receives the devices in any order; if left empty, everyone is invited.</param>
    public abstract void Choose(in FleetView fleet, RandomStream random, List<DeviceId> cohort);

    /// <summary>Prints only the settings.</summary>
    /// <param name="builder">The output.</param>
    protected override bool PrintMembers(StringBuilder builder) => false;

    /// <summary>Draws devices by a partial shuffle. Source: Fisher, Yates (1938).</summary>
    internal static void Draw(List<DeviceId> from, int count, RandomStream random, List<DeviceId> cohort)
    {
        for (var i = 0; i < count && i < from.Count; i++)
        {
            var place = i + random.NextInt32(from.Count - i);
            cohort.Add(from[place]);
            from[place] = from[i];
        }
    }

    /// <summary>Draws devices at random, without repeats.</summary>
    /// <param name="fleet">The fleet.</param>
    /// <param name="count">Devices; all if there are fewer.</param>
    /// <param name="random">The source of random numbers.</param>
    /// <param name="cohort">Receives the devices.</param>
    protected static void Draw(in FleetView fleet, int count, RandomStream random, List<DeviceId> cohort)
    {
        var all = new List<DeviceId>(fleet.Devices.Length);
        foreach (var device in fleet.Devices) { all.Add(device.Device); }
        Draw(all, count, random, cohort);
    }
}
