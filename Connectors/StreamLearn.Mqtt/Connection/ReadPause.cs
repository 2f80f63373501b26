namespace StreamLearn.Mqtt;

internal enum ReadPause : byte
{
    None,

    /// <summary>The application has used up all credit.</summary>
    Credit,

    /// <summary>The application may soon make space for QoS 0 messages.</summary>
    Space,
}
