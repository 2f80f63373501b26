namespace StreamLearn;

/// <summary>How far a value may be sent. A link carries values whose label is not above its own.</summary>
/// <remarks>Source: Denning (1976), a lattice of secure information flow.</remarks>
public enum PrivacyLabel
{
    /// <summary>Anywhere; the default of columns and links.</summary>
    Public = 0,

    /// <summary>No further than the edge of its site.</summary>
    EdgeOnly = 1,

    /// <summary>Nowhere outside the device.</summary>
    DeviceOnly = 2,
}

/// <summary>A message with a privacy label, which each publication checks.</summary>
public interface IPrivate
{
    /// <summary>The label of its most private value.</summary>
    PrivacyLabel Privacy { get; }
}
