namespace StreamLearn.Operators;

/// <summary>Order in which waiting messages are served.</summary>
public enum ServiceOrder
{
    /// <summary>Earliest deadline first, then order of arrival (default).</summary>
    EarliestDeadline,

    /// <summary>First in, first out.</summary>
    FirstIn,

    /// <summary>Last in, first out: the newest.</summary>
    LastIn,
}
