using System.Text;

namespace StreamLearn.Fleets;

/// <summary>Makes the new model from the updates. It has no mutable fields: its memory is in the slots of the state.</summary>
public abstract record Apply : Rule
{
    /// <summary>Moves the model by the updates' weighted mean, in device order: w += η · Σ aᵢ·Δᵢ / Σ aᵢ.</summary>
    /// <remarks>State: slot <c>sum</c>, empty between rounds. Source: McMahan et al. (2017), FedAvg, where aᵢ is the number of samples of
    /// device i.</remarks>
    /// <param name="learningRate">Server rate η, above 0; default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is out of range.</exception>
    public static Apply WeightedMean(float learningRate = 1) => Checked(new WeightedMean(learningRate));

    /// <summary>Moves the model by the sum of weighted updates over their count, in arrival order: w += η · Σ aᵢ·Δᵢ / K.</summary>
    /// <remarks>State: slot <c>sum</c>, empty between rounds. Source: Nguyen et al. (2022), FedBuff, which divides by K, not by the
    /// weights.</remarks>
    /// <param name="learningRate">Server rate η, above 0; default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is out of range.</exception>
    public static Apply MeanOfDeltas(float learningRate = 1) => Checked(new MeanOfDeltas(learningRate));

    /// <summary>Moves each value by the updates' unweighted median: w ← w + η·median(Δᵢ).</summary>
    /// <remarks>If the count is even, the median is the mean of the middle two. State: none. Source: Yin et al. (2018), definition
    /// 1.</remarks>
    /// <param name="learningRate">Server rate η, above 0; default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is out of range.</exception>
    public static Apply CoordinateMedian(float learningRate = 1) => Checked(new CoordinateMedian(learningRate));

    /// <summary>Moves each value by the unweighted mean of the updates without the extremes.</summary>
    /// <remarks>Of n updates, drops ⌊fraction·n⌋ values at each end and keeps at least one; tolerates that number of faulty devices. State:
    /// none. Source: Yin et al. (2018), definition 2.</remarks>
    /// <param name="fraction">Share dropped at each end, in [0, 0.5).</param>
    /// <param name="learningRate">Server rate η, above 0; default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static Apply TrimmedMean(double fraction, float learningRate = 1) => Checked(new TrimmedMean(fraction, learningRate));

    /// <summary>Moves each value by the rate in the direction of the majority, unweighted: w ← w + η·sign(Σ sign(Δᵢ)).</summary>
    /// <remarks>A 0 has no vote; on a tie, the value does not change. State: slot <c>votes</c>, empty between rounds. Source: Bernstein et
    /// al. (2018), signSGD with majority vote, where devices send only signs, as with <c>TensorCode.Sign</c> without feedback.</remarks>
    /// <param name="learningRate">Server rate η, by which a value moves per round; above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is out of range.</exception>
    public static Apply SignVote(float learningRate) => Checked(new SignVote(learningRate));

    /// <summary>True: updates are added on arrival. False: the whole set is needed, in device order, as
    /// <see cref="ServerState.Set"/>.</summary>
    public abstract bool Streams { get; }

    /// <summary>Maximum number of state slots that it opens, part of the declared memory of the pipeline; default 1.</summary>
    public virtual int Slots => 1;

    /// <summary>Past versions that it needs as <see cref="WeightedUpdate.Base"/>; updates with an older base are refused as <c>stale</c>. 0
    /// (default): none, and no limit.</summary>
    public virtual int Bases => 0;

    /// <summary>True: it also sets the running statistics. False (default): they become the weighted mean of the devices.</summary>
    public virtual bool TreatsStatistics => false;

    /// <summary>False: weights are ignored, so each update counts once. Default true.</summary>
    public virtual bool Weighs => true;

    /// <summary>Adds an update.</summary>
    /// <param name="state">The state.</param>
    /// <param name="update">The update.</param>
    public abstract void Add(ServerState state, in WeightedUpdate update);

    /// <summary>Moves the model by the added updates, of which there is at least one, and clears them.</summary>
    /// <param name="state">The state.</param>
    public abstract void Finish(ServerState state);

    /// <summary>Discards the added updates of a void round (one without a change); called only if it streams.</summary>
    /// <param name="state">The state.</param>
    public virtual void Discard(ServerState state) { }

    /// <summary>Prints only the settings.</summary>
    /// <param name="builder">The output.</param>
    protected override bool PrintMembers(StringBuilder builder) => false;
}
