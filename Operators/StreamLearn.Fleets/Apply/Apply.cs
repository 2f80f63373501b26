using System.Text;

namespace StreamLearn.Fleets;

/// <summary>Makes the new model from the updates. Has no mutable fields: memory is in the state's slots.</summary>
public abstract record Apply : Rule
{
    /// <summary>Moves the model by the updates' weighted mean, in device order: w += η · Σ aᵢ·Δᵢ / Σ aᵢ.</summary>
    /// <remarks>State: slot <c>sum</c>, empty between rounds. Source: McMahan et al. (2017), FedAvg, with aᵢ the samples of device
    /// i.</remarks>
    /// <param name="learningRate">Server rate η, above 0; default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Rate out of range.</exception>
    public static Apply WeightedMean(float learningRate = 1) => Checked(new WeightedMean(learningRate));

    /// <summary>Moves the model by the sum of weighted updates over their count, in arrival order: w += η · Σ aᵢ·Δᵢ / K.</summary>
    /// <remarks>State: slot <c>sum</c>, empty between rounds. Source: Nguyen et al. (2022), FedBuff: divided by K, not by the
    /// weights.</remarks>
    /// <param name="learningRate">Server rate η, above 0; default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Rate out of range.</exception>
    public static Apply MeanOfDeltas(float learningRate = 1) => Checked(new MeanOfDeltas(learningRate));

    /// <summary>Moves each value by the updates' unweighted median: w ← w + η·median(Δᵢ).</summary>
    /// <remarks>For an even count, the mean of the middle two. State: none. Source: Yin et al. (2018), definition 1.</remarks>
    /// <param name="learningRate">Server rate η, above 0; default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Rate out of range.</exception>
    public static Apply CoordinateMedian(float learningRate = 1) => Checked(new CoordinateMedian(learningRate));

    /// <summary>Moves each value by the unweighted mean of the updates without the extremes.</summary>
    /// <remarks>Of n updates, drops ⌊fraction·n⌋ values at each end and keeps at least one; tolerates that number of faulty devices. State:
    /// none. Source: Yin et al. (2018), definition 2.</remarks>
    /// <param name="fraction">Share dropped at each end, in [0, 0.5).</param>
    /// <param name="learningRate">Server rate η, above 0; default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Argument out of range.</exception>
    public static Apply TrimmedMean(double fraction, float learningRate = 1) => Checked(new TrimmedMean(fraction, learningRate));

    /// <summary>Moves each value by the rate in the majority's direction, unweighted: w ← w + η·sign(Σ sign(Δᵢ)).</summary>
    /// <remarks>0 has no vote; on a tie the value stays. State: slot <c>votes</c>, empty between rounds. Source: Bernstein et al. (2018),
    /// signSGD with majority vote, where devices send only signs, as with <c>TensorCode.Sign</c> without feedback.</remarks>
    /// <param name="learningRate">Server rate η, a value's move per round; above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">Rate out of range.</exception>
    public static Apply SignVote(float learningRate) => Checked(new SignVote(learningRate));

    /// <summary>True: updates are added on arrival. False: the whole set is needed, in device order, as
    /// <see cref="ServerState.Set"/>.</summary>
    public abstract bool Streams { get; }

    /// <summary>Maximum state slots it opens, part of the pipeline's declared memory; default 1.</summary>
    public virtual int Slots => 1;

    /// <summary>Past versions needed as <see cref="WeightedUpdate.Base"/>; older updates are refused as <c>stale</c>. 0 (default): none, no
    /// bound.</summary>
    public virtual int Bases => 0;

    /// <summary>True: it also makes the running statistics. False (default): they become the devices' weighted mean.</summary>
    public virtual bool TreatsStatistics => false;

    /// <summary>False: weights are ignored, so a device counts once per update. Default true.</summary>
    public virtual bool Weighs => true;

    /// <summary>Adds an update.</summary>
    /// <param name="state">The state.</param>
    /// <param name="update">The update.</param>
    public abstract void Add(ServerState state, in WeightedUpdate update);

    /// <summary>Moves the model by the added updates, at least one, and clears them.</summary>
    /// <param name="state">The state.</param>
    public abstract void Finish(ServerState state);

    /// <summary>Discards the added updates of a void round; called only if it streams.</summary>
    /// <param name="state">The state.</param>
    public virtual void Discard(ServerState state) { }

    /// <summary>Prints only the settings.</summary>
    /// <param name="builder">The output.</param>
    protected override bool PrintMembers(StringBuilder builder) => false;
}
