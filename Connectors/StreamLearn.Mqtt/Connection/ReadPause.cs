namespace StreamLearn.Mqtt;

/// <summary>Why nothing is read.</summary>
internal enum ReadPause : byte
{
    None,

    /// <summary>The application holds all credit.</summary>
    Credit,

    /// <summary>The application gets a moment to make space for messages of QoS 0.</summary>
    Space,
}
