namespace StreamLearn;

/// <summary>How far a value may go, from anywhere to nowhere. The same words say how private a link may carry: a link carries a value if
/// the value's label is not above its own.</summary>
/// <remarks>Source: Denning (1976), a lattice of secure information flow.</remarks>
public enum PrivacyLabel
{
    /// <summary>Anywhere. The default of columns, and all that a link carries by default.</summary>
    Public = 0,

    /// <summary>To the edge of its site and no further.</summary>
    EdgeOnly = 1,

    /// <summary>Nowhere outside the device.</summary>
    DeviceOnly = 2,
}

/// <summary>A message that says how far it may go. A publication asks each that it sends.</summary>
public interface IPrivate
{
    /// <summary>The label of the most private value in it.</summary>
    PrivacyLabel Privacy { get; }
}
