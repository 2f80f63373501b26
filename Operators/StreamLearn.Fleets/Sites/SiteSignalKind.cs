namespace StreamLearn.Fleets;

/// <summary>What a site says beside its updates.</summary>
public enum SiteSignalKind
{
    /// <summary>Where it stands, and the places of changes that wait for its link.</summary>
    Pending,

    /// <summary>It has heard an update.</summary>
    Heard,

    /// <summary>It wants to join, and asks for a snapshot.</summary>
    Join,

    /// <summary>All that a site which joins has to know.</summary>
    Snapshot,

    /// <summary>It has taken a snapshot, and takes part from its clock on.</summary>
    Joined,
}
