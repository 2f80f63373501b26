using System.Text;

namespace StreamLearn.Fleets;

/// <summary>Defines how a fleet makes model versions: a preset or custom <see cref="Rules"/>.</summary>
public abstract record Strategy : Rule
{
    /// <summary>The five rules.</summary>
    public abstract Rules Rounds { get; }

    /// <summary>True: rounds wait for devices, and devices wait for versions. False: devices continue, and an average of versions is
    /// used.</summary>
    public bool IsBarrier => !Rounds.Due.CountsUpdates;

    /// <summary>Updates that a round may wait for before devices are known, at least 1.</summary>
    public int Awaited => Math.Max(Rounds.Due.Awaited, Rounds.Enroll);

    /// <summary>False: the strategy directs the devices' learning. Devices that leave layers to the aggregator cannot follow such
    /// directives. Default true.</summary>
    public virtual bool AllowsSplit => true;

    /// <summary>Resources whose limits end learning; empty (default): none.</summary>
    public virtual ImmutableArray<Resource> Limits => [];

    /// <summary>Checks the settings and the resulting rules. Called when the pipeline is built.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public override void Check() => Rounds.Check();

    /// <summary>Prints only the settings.</summary>
    /// <param name="builder">The output.</param>
    protected override bool PrintMembers(StringBuilder builder) => false;
}
