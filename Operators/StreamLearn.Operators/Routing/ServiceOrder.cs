namespace StreamLearn.Operators;

/// <summary>Which of the messages that wait is served next.</summary>
public enum ServiceOrder
{
    /// <summary>The one with the earliest deadline; of equal ones, that which came first. The default.</summary>
    EarliestDeadline,

    /// <summary>The one that came first.</summary>
    FirstIn,

    /// <summary>The one that came last: the freshest.</summary>
    LastIn,
}
