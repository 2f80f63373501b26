namespace StreamLearn.Mqtt;

/// <summary>Who sent a packet: some properties and codes are for one side only.</summary>
internal enum Sender
{
    Server,

    Client,
}
