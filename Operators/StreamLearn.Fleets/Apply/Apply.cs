using System.Text;

namespace StreamLearn.Fleets;

/// <summary>Makes the new model of the updates. It has no fields that change: what it remembers is in the state's slots.</summary>
public abstract record Apply : Rule
{
    /// <summary>Moves the model by the weighted mean of the updates, in the order of their devices: w += η · Σ aᵢ·Δᵢ / Σ aᵢ.</summary>
    /// <remarks>
    /// State: slot <c>sum</c>, empty between rounds. Source: McMahan et al. (2017), FedAvg, with aᵢ the samples of device i.
    /// </remarks>
    /// <param name="learningRate">The server's rate η, above 0; default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is out of range.</exception>
    public static Apply WeightedMean(float learningRate = 1) => Checked(new WeightedMean(learningRate));

    /// <summary>Moves the model by the sum of weighted updates divided by their number, as they come: w += η · Σ aᵢ·Δᵢ / K.</summary>
    /// <remarks>
    /// State: slot <c>sum</c>, empty between rounds. Source: Nguyen et al. (2022), FedBuff: divided by K, not by the sum of the weights.
    /// </remarks>
    /// <param name="learningRate">The server's rate η, above 0; default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is out of range.</exception>
    public static Apply MeanOfDeltas(float learningRate = 1) => Checked(new MeanOfDeltas(learningRate));

    /// <summary>Moves every value of the model by the median of the updates' values: w ← w + η·median(Δᵢ). Weights do not enter.</summary>
    /// <remarks>Of an even number, the mean of the two in the middle. State: none. Source: Yin et al. (2018), definition 1.</remarks>
    /// <param name="learningRate">The server's rate η, above 0; default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is out of range.</exception>
    public static Apply CoordinateMedian(float learningRate = 1) => Checked(new CoordinateMedian(learningRate));

    /// <summary>
    /// Moves every value of the model by the mean of the updates' values without the greatest and the least of them. Weights do not enter.
    /// </summary>
    /// <remarks>
    /// Of n updates ⌊fraction·n⌋ values are left out at either end, and at least one is kept. State: none. Source: Yin et al. (2018),
    /// definition 2. It bears as many wrong devices as are left out at one end.
    /// </remarks>
    /// <param name="fraction">Share left out at either end, 0 to below one half.</param>
    /// <param name="learningRate">The server's rate η, above 0; default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static Apply TrimmedMean(double fraction, float learningRate = 1) => Checked(new TrimmedMean(fraction, learningRate));

    /// <summary>
    /// Moves every value of the model by a rate, to the side to which more updates move it: w ← w + η·sign(Σ sign(Δᵢ)). Weights do not
    /// enter.
    /// </summary>
    /// <remarks>
    /// 0 has no vote, and where there are as many votes for either side the value stays. State: slot <c>votes</c>, empty between rounds.
    /// Source: Bernstein et al. (2018), signSGD with majority vote; there the devices send signs alone, as <c>SignCode</c> without
    /// feedback does.
    /// </remarks>
    /// <param name="learningRate">The server's rate η, by which a value moves in a round; above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is out of range.</exception>
    public static Apply SignVote(float learningRate) => Checked(new SignVote(learningRate));

    /// <summary>
    /// True: updates are added as they come. False: it needs the whole set, which comes ordered by device and is
    /// <see cref="ServerState.Set"/> while they are added.
    /// </summary>
    public abstract bool Streams { get; }

    /// <summary>Slots of the state that it opens at most; default 1. Part of the memory that a pipeline declares.</summary>
    public virtual int Slots => 1;

    /// <summary>
    /// Versions before the newest whose values it asks for as <see cref="WeightedUpdate.Base"/>; updates of older ones are refused as
    /// <c>stale</c>. 0 (default): none, and no bound.
    /// </summary>
    public virtual int Bases => 0;

    /// <summary>
    /// True: it treats running statistics itself, as an average of some kind. False: whatever it makes of them, the weighted mean of what
    /// the devices hold takes their place.
    /// </summary>
    internal virtual bool TreatsStatistics => false;

    /// <summary>False: what updates weigh does not enter, so that a device counts as often as it has updates in the round.</summary>
    internal virtual bool Weighs => true;

    /// <summary>Takes one update in.</summary>
    /// <param name="state">The state.</param>
    /// <param name="update">The update.</param>
    public abstract void Add(ServerState state, in WeightedUpdate update);

    /// <summary>Moves the model by what was added, at least one update, and clears that.</summary>
    /// <param name="state">The state.</param>
    public abstract void Finish(ServerState state);

    /// <summary>Forgets what was added: the round is void. Asked only of one that streams.</summary>
    /// <param name="state">The state.</param>
    public virtual void Discard(ServerState state) { }

    /// <summary>Prints the settings alone.</summary>
    /// <param name="builder">Where to.</param>
    protected override bool PrintMembers(StringBuilder builder) => false;
}
