using System.Text;

namespace StreamLearn.Aggregation;

/// <summary>Makes the new model of the updates. It has no fields that change: what it remembers is in the state's slots.</summary>
public abstract record Apply : Rule
{
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
