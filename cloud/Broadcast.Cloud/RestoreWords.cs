using Broadcast.Ledger;

namespace Broadcast.Cloud;

/// <summary>What a person reads after a backup was put back: above all what they have to look at themselves.</summary>
internal static class RestoreWords
{
    /// <param name="restored">What is kept of the ledger that was replaced; null where nothing is known of it.</param>
    /// <param name="asItWas">Whether nothing was to be kept.</param>
    public static IEnumerable<string> Of(Restored? restored, bool asItWas)
    {
        yield return "已恢复 restored";
        if (asItWas)
            yield return "密钥、停用、授权、职责和密码均为备份时的状态：此后被停用者可重新进入，请逐一核对。 Keys, service, delegations, duties and passwords are those of the backup: who was shut out since comes in again; check each.";
        else if (restored is null)
            yield return "原台账不可读或不是同一台账：备份之后的换密钥、停用和职责变更已丢失，请逐一重做。 The ledger before could not be read, or is another one: rekeys, retirements and changes of duties since the backup are lost; do them again.";
        foreach (var kept in restored?.Kept ?? []) yield return $"保留 kept: {kept}";
        foreach (var lost in restored?.Lost ?? []) yield return $"备份中没有，请重新录入 not in the backup, enter again: {lost}";
    }
}
