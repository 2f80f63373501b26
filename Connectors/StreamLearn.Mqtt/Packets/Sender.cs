namespace StreamLearn.Mqtt;

/// <summary>The sending side, because some properties and codes are only for one side.</summary>
internal enum Sender
{
    Server,

    Client,
}
