using System;

namespace System.IO
{
    public class IOException : SystemException
    {
        public IOException() { }
        public IOException(string message) { }
    }

    public enum FileMode
    {
        CreateNew = 1,
        Create = 2,
        Open = 3,
        OpenOrCreate = 4,
        Truncate = 5,
        Append = 6,
    }

    [Flags]
    public enum FileAccess
    {
        Read = 1,
        Write = 2,
        ReadWrite = 3,
    }

    public enum SeekOrigin
    {
        Begin = 0,
        Current = 1,
        End = 2,
    }

    public abstract class Stream : IDisposable
    {
        public abstract long Length { get; }
        public abstract long Position { get; set; }
        public abstract void Flush();
        public abstract int Read(byte[] buffer, int offset, int count);
        public abstract long Seek(long offset, SeekOrigin origin);
        public abstract void Write(byte[] buffer, int offset, int count);
        public virtual void Close() => throw null!;
        public void Dispose() => throw null!;
    }

    public class FileStream : Stream
    {
        public FileStream(string path, FileMode mode) { }
        public FileStream(string path, FileMode mode, FileAccess access) { }
        public override long Length => throw null!;
        public override long Position { get => throw null!; set => throw null!; }
        public override void Flush() => throw null!;
        public override int Read(byte[] buffer, int offset, int count) => throw null!;
        public override long Seek(long offset, SeekOrigin origin) => throw null!;
        public override void Write(byte[] buffer, int offset, int count) => throw null!;
    }

    public static class File
    {
        public static void Delete(string path) => throw null!;
        public static bool Exists(string path) => throw null!;
        public static void Move(string sourceFileName, string destFileName) => throw null!;
        public static byte[] ReadAllBytes(string path) => throw null!;
        public static void WriteAllBytes(string path, byte[] bytes) => throw null!;
    }
}
