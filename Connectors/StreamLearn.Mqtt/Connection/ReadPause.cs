namespace StreamLearn.Mqtt;

/// <summary>Why reading is paused.</summary>
internal enum ReadPause : byte
{
    None,

    /// <summary>The application holds all credit.</summary>
    Credit,

    /// <summary>The application may briefly make space for QoS 0 messages.</summary>
    Space,
}
