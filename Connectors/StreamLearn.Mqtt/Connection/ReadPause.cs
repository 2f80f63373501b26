namespace StreamLearn.Mqtt;

internal enum ReadPause : byte
{
    None,

    Credit,

    /// <summary>The application may soon make space for QoS 0 messages.</summary>
    Space,
}
