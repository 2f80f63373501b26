namespace StreamLearn.Mqtt;

/// <summary>Why connections of a link ended or could not be made: what is remembered of that, and what ends the link for good.</summary>
internal sealed class LinkFaults(Link link, MqttOptions options)
{
    /// <summary>The last fault; empty if there was none.</summary>
    internal string Last { get; private set; } = "";

    /// <summary>True if it came since the last connection.</summary>
    internal bool IsNew { get; private set; }

    private Session Session => link.Session;

    private bool IsConnecting => Session.State == SessionState.Connecting;

    private string Unanswered => IsConnecting ? " before it answered CONNECT" : "";

    private string Doubt => IsConnecting ? ForeignPort.Doubt(options.Server) : "";

    /// <summary>Remembers why a connection ended or could not be made.</summary>
    internal void Record(string fault)
    {
        lock (link.Gate) { (Last, IsNew) = (fault, true); }
    }

    /// <summary>A connection was accepted: what went wrong before is old. Locked.</summary>
    internal void Outlive() => IsNew = false;

    /// <summary>The connection broke while it was read.</summary>
    internal void Broken(Exception failure)
    {
        if (TlsAlert.Of(failure) is { } alert) { Alerted(alert, failure); }
        else { Record($"the connection was lost{Unanswered}: {Dialer.Cause(failure)}{Doubt}"); }
    }

    /// <summary>What is wrong with bytes that should answer CONNECT and do not, if another protocol explains them. Locked.</summary>
    internal string? Foreign(ReadOnlySpan<byte> bytes) => IsConnecting ? ForeignPort.Fault(bytes, options.Server) : null;

    /// <summary>The server has closed the connection.</summary>
    internal void Closed() => Record($"the server closed the connection{Unanswered}{Doubt}");

    /// <summary>The server ended TLS and said why: for good if it does not take the client's certificate.</summary>
    internal void Alerted(string alert, Exception failure)
    {
        var fault = TlsAlert.Text(alert, Connector.Place(options), options.ClientCertificate is not null);
        if (TlsAlert.IsOfCertificate(alert)) { Refused(fault, failure); }
        else { Record(fault); }
    }

    /// <summary>A login or a certificate was refused: for good if it never was accepted. Else it may have been changed at one end only, and
    /// is tried again.</summary>
    internal void Refused(string fault, Exception? inner)
    {
        if (Session.Counters.Connects == 0) { link.Fail(new(fault, isTransient: false, inner)); }
        else { Record(fault); }
    }

    /// <summary>What the server said as it refused or ended the connection.</summary>
    internal void OnServerReason(MqttReason reason)
    {
        var fault = DisconnectReasons.Text(reason, Connector.Place(options), Session.Counters.Connects > 0);
        if (DisconnectReasons.AreForGood(reason)) { link.Fail(new(fault, isTransient: false)); }
        else if (DisconnectReasons.AreOfLogin(reason)) { Refused(fault, inner: null); }
        else if (link.IsUnsubscribed && DisconnectReasons.AreOfSubscription(reason))
        {
            link.Fail(new(Unsubscribed(reason), isTransient: false));
        }
        else { Record(fault); }
    }

    /// <summary>There is no login. The exception's message is not told: it may hold a secret.</summary>
    internal void NoLogin(Exception failure)
    {
        var (why, isForGood) = LoginFault(failure);
        if (isForGood) { Refused(why, inner: null); }
        else { Record(why); }
    }

    /// <summary>The server has refused what was subscribed to.</summary>
    internal string Unsubscribed(MqttReason reason) => $"the server refused the subscription '{link.Filter}': {reason}";

    private static (string Why, bool IsForGood) LoginFault(Exception failure) => failure switch
    {
        ArgumentException { ParamName: nameof(MqttCredentials.UserName) } =>
            ($"no login: the user name is not text, or has more than {MqttCredentials.MaxBytes} bytes", true),
        ArgumentException { ParamName: nameof(MqttCredentials.Password) } =>
            ($"no login: the password has more than {MqttCredentials.MaxBytes} bytes", true),
        _ => ($"no login: {failure.GetType().Name}",
            failure is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException),
    };
}
